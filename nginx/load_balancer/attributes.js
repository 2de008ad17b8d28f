// The attributes of the target group, under the names that AWS gives them.

import fs from 'fs';

const FILE = '/etc/nginx/attributes.json';
// Those that nginx reads only when it starts, see render_attributes.sh.
const FIXED = ['Port', 'HealthCheckIntervalSeconds', 'HealthCheckTimeoutSeconds', 'stickiness.type'];

function targetGroup() {
    const group = JSON.parse(fs.readFileSync(FILE, 'utf8')).target_group;
    if (process.env.STICKINESS === 'off') {
        group['stickiness.enabled'] = false;
    }
    ngx.shared.modified.items().forEach((item) => { group[item[0]] = JSON.parse(item[1]); });
    return group;
}

// As ModifyTargetGroupAttributes does; kept until nginx ends. Throws where one cannot be changed so.
function modify(changes) {
    const group = targetGroup();
    Object.keys(changes).forEach((name) => {
        if (typeof changes[name] !== typeof group[name] || FIXED.includes(name)) {
            throw new TypeError(`'${name}' cannot be ${JSON.stringify(changes[name])}`);
        }
    });
    Object.keys(changes).forEach((name) => {
        ngx.shared.modified.set(name, JSON.stringify(changes[name]));
    });
}

export default { targetGroup, modify };
