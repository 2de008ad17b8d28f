// Chooses a target for each request. It runs for every request: what it needs is prepared by targets.js.

const RETRIES = 8;                  // nginx allows ten redirections within a request
const TARGET = 21;                  // letters of an address and a port
const NAME = 43;                    // of a SHA-256 in base64url
const ENTRY = TARGET + NAME + 2;

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
    const all = ngx.shared.rotation.get('targets') || '';
    const how = (ngx.shared.rotation.get('how') || '').split(' ');
    const sticks = Number(how[1]);
    const entry = (sticks && bound(r, sticks, all, tried)) || next(how[0], all, tried)
        || (tried !== '' && next(how[0], ngx.shared.rotation.get('others') || '', tried));
    if (!entry) {
        return '';
    }
    const target = targetOf(entry);
    ngx.shared.outstanding.incr(hostOf(target), 1, 0);
    r.variables.chosen = target;
    r.variables.stickiness = sticks ? cookie(entry) : '';
    return target;
}

// A target in rotation and what the cookies call it. All are of one length, so that the first, the
// tenth or the one of a name is found in all of them together without taking those apart.
function entryFor(target, name) {
    return `${target.padEnd(TARGET)}=${name.padEnd(NAME)},`;
}

function targetOf(entry) {
    return entry.slice(0, TARGET).trimEnd();
}

// The value of the cookies: the target's name, and since when. The session sticks for the duration
// that is configured; the cookie itself goes after seven days.
function cookie(entry) {
    const name = entry.slice(TARGET + 1, TARGET + 1 + NAME);
    return `${name}.${seconds().toString(16)}; Expires=${ngx.shared.rotation.get('expires')}; Path=/`;
}

// The target that the cookie names, if it is in rotation; any other value means nothing.
function bound(r, sticks, all, tried) {
    const value = r.variables.cookie_AWSALB || r.variables.cookie_AWSALBCORS || '';
    const age = seconds() - parseInt(value.slice(NAME + 1), 16);
    if (!(age >= 0 && age < sticks) || value[NAME] !== '.') {
        return '';
    }
    const at = all.indexOf(`=${value.slice(0, NAME)},`);
    return at < 0 ? '' : untried(all.slice(at - TARGET, at - TARGET + ENTRY), tried);
}

function seconds() {
    return Math.floor(Date.now() / 1000);
}

// The next one in turn, or of those with the fewest requests the next one.
function next(algorithm, all, tried) {
    const count = all.length / ENTRY;
    const turn = ngx.shared.turn.incr('next', 1, 0);
    let best = '';
    let least = Infinity;
    for (let step = 0; step < count && least > 0; step++) {
        const at = (turn + step) % count * ENTRY;
        const entry = untried(all.slice(at, at + ENTRY), tried);
        const load = algorithm === 'round_robin' ? 0 : loadOf(entry);
        if (entry && load < least) {
            best = entry;
            least = load;
        }
    }
    return best;
}

function untried(entry, tried) {
    return tried !== '' && tried.split(',').includes(targetOf(entry)) ? '' : entry;
}

function loadOf(entry) {
    return ngx.shared.outstanding.get(hostOf(entry)) || 0;
}

function hostOf(target) {
    return target.slice(0, target.indexOf(':'));
}

// The request is no longer outstanding.
function settle(r) {
    const target = r.variables.chosen;
    if (target) {
        ngx.shared.outstanding.incr(hostOf(target), -1, 0);
        r.variables.chosen = '';
    }
}

// Of one value for each target that was tried, such as "10.0.0.2:8501 : 10.0.0.3:8501", the last.
function last(values) {
    return values ? values.slice(values.lastIndexOf(' ') + 1) : '-';
}

export default { entryFor, pick, pickOther, settle, last };
