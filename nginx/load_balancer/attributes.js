// The attributes of the target group, under the names that AWS gives them.

import fs from 'fs';

const FILE = '/etc/nginx/attributes.json';
// Those that nginx reads only when it starts, see render_attributes.sh.
const FIXED = ['Port', 'HealthCheckIntervalSeconds', 'HealthCheckTimeoutSeconds', 'stickiness.type'];

function targetGroup() {
    const group = JSON.parse(fs.readFileSync(FILE)).target_group;
    if (process.env.STICKINESS === 'off') {
        group['stickiness.enabled'] = false;
    }
    ngx.shared.modified.items().forEach((item) => { group[item[0]] = JSON.parse(item[1]); });
    return group;
}

// As ModifyTargetGroupAttributes does; kept until nginx ends. Returns what is wrong, or ''.
function modify(changes) {
    const group = targetGroup();
    const wrong = Object.keys(changes).find((name) => typeof group[name] !== typeof changes[name]
        || FIXED.includes(name));
    if (wrong !== undefined) {
        return `'${wrong}' cannot be ${JSON.stringify(changes[wrong])}`;
    }
    Object.keys(changes).forEach((name) => {
        ngx.shared.modified.set(name, JSON.stringify(changes[name]));
    });
    return '';
}

export default { targetGroup, modify };
