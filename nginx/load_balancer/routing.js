// Chooses a target for each request. It runs for every request: what it needs is prepared by targets.js.

const RETRIES = 8;                  // nginx allows ten redirections within a request
const COOKIE_SECONDS = 7 * 86400;

function pick(r) {
    return choose(r, '');
}

// Another target, when the first could not be reached; or the status to answer with. A target that
// has got something of the request may have acted on it: then the request goes to nobody else.
function pickOther(r) {
    const status = last(r.variables.upstream_status);
    if (last(r.variables.upstream_addr) !== r.variables.chosen) {
        return r.variables.chosen || status;  // nginx asks twice for one value
    }
    const sent = last(r.variables.upstream_bytes_sent);
    const tried = `${r.variables.tried}${r.variables.chosen},`;
    settle(r);
    r.variables.stickiness = '';
    if ((sent !== '0' && sent !== '-') || tried.split(',').length > RETRIES) {
        return status;
    }
    r.variables.tried = tried;
    return choose(r, tried) || status;
}

function choose(r, tried) {
    const rotation = (ngx.shared.rotation.get('now') || '').split(' ');
    const sticks = Number(rotation[1]);
    const healthy = untried(rotation[2], tried);
    const entries = healthy.length ? healthy : untried(rotation[3], tried);
    if (!entries.length) {
        return '';
    }
    const parts = ((sticks && bound(r, sticks, entries)) || next(rotation[0], entries)).split('=');
    ngx.shared.outstanding.incr(hostOf(parts[0]), 1, 0);
    r.variables.chosen = parts[0];
    r.variables.stickiness = sticks ? cookie(parts[1]) : '';
    return parts[0];
}

function untried(entries, tried) {
    const all = entries ? entries.split(',') : [];
    return tried ? all.filter((entry) => !tried.split(',').includes(entry.split('=')[0])) : all;
}

// The value of the cookies: the target's name, and since when. The session sticks for the duration
// that is configured; the cookie itself goes after seven days.
function cookie(name) {
    const expires = new Date(Date.now() + COOKIE_SECONDS * 1000).toUTCString();
    return `${name}.${seconds().toString(16)}; Expires=${expires}; Path=/`;
}

// The target that the cookie names, if it is in rotation; any other value means nothing.
function bound(r, sticks, entries) {
    const parts = (r.variables.cookie_AWSALB || r.variables.cookie_AWSALBCORS || '').split('.');
    const age = seconds() - parseInt(parts[1], 16);
    return age >= 0 && age < sticks && entries.find((entry) => entry.endsWith(`=${parts[0]}`));
}

function seconds() {
    return Math.floor(Date.now() / 1000);
}

function next(algorithm, entries) {
    const turn = ngx.shared.turn.incr('next', 1, 0);
    if (algorithm === 'round_robin') {
        return entries[turn % entries.length];
    }
    const load = (entry) => ngx.shared.outstanding.get(hostOf(entry)) || 0;
    const from = turn % entries.length;  // so that equals take turns
    return entries.slice(from).concat(entries.slice(0, from))
        .reduce((best, entry) => (load(entry) < load(best) ? entry : best));
}

function hostOf(target) {
    return target.split(':')[0];
}

// The request is no longer outstanding.
function settle(r) {
    if (r.variables.chosen) {
        ngx.shared.outstanding.incr(hostOf(r.variables.chosen), -1, 0);
        r.variables.chosen = '';
    }
}

// Of one value for each target that was tried, such as "10.0.0.2:8501 : 10.0.0.3:8501", the last.
function last(values) {
    return values ? values.slice(values.lastIndexOf(' ') + 1) : '-';
}

export default { pick, pickOther, settle, last };
