// The target group: which replicas there are, which are healthy, and which one gets a request.

import crypto from 'crypto';
import fs from 'fs';

const TARGETS_FILE = '/tmp/targets';  // kept by register_targets
const PORT = 8501;
const HEALTH_CHECK = {
    path: '/healthz',          // HealthCheckPath
    intervalSeconds: 5,        // HealthCheckIntervalSeconds
    healthyThreshold: 2,       // HealthyThresholdCount; one is enough for a new target
    unhealthyThreshold: 2,     // UnhealthyThresholdCount
    matcher: 200,              // Matcher
};
const STICKINESS_COOKIE = 'AWSALB';
const STICKINESS_SECONDS = 86400;
const sticky = process.env.STICKINESS !== 'off';

// Every second: register what appeared, deregister what is gone, check what is due.
async function checkTargets() {
    const registered = fs.readFileSync(TARGETS_FILE, 'utf8').split('\n')
        .filter((address) => address !== '')
        .map((address) => `${address}:${PORT}`);
    const known = ngx.shared.targets;
    known.keys().filter((address) => !registered.includes(address))
        .forEach((address) => known.delete(address));
    await Promise.all(registered.map(checkIfDue));
}

async function checkIfDue(address) {
    const before = JSON.parse(ngx.shared.targets.get(address)
        || '{"state": "initial", "streak": 0, "checkedAt": 0}');
    const now = Date.now();
    if (before.state !== 'initial' && now - before.checkedAt < HEALTH_CHECK.intervalSeconds * 1000) {
        return;
    }
    const passed = await passes(address);
    ngx.shared.targets.set(address, JSON.stringify(judge(before, passed, now)));
}

async function passes(address) {
    try {
        const reply = await ngx.fetch(`http://${address}${HEALTH_CHECK.path}`);
        return reply.status === HEALTH_CHECK.matcher;
    } catch (error) {
        return false;
    }
}

// A state changes only after as many equal results in a row as the threshold asks for.
function judge(before, passed, now) {
    const opposite = passed ? 'unhealthy' : 'healthy';
    const after = { state: before.state, streak: 0, checkedAt: now };
    if (before.state === 'initial') {
        after.state = passed ? 'healthy' : 'initial';
    } else if (before.state === opposite) {
        after.streak = before.streak + 1;
        const threshold = passed ? HEALTH_CHECK.healthyThreshold : HEALTH_CHECK.unhealthyThreshold;
        if (after.streak >= threshold) {
            after.state = passed ? 'healthy' : 'unhealthy';
            after.streak = 0;
        }
    }
    return after;
}

// Healthy targets; all of them when none is healthy (an ALB fails open).
function usable() {
    const all = ngx.shared.targets.items();
    const healthy = all.filter((item) => JSON.parse(item[1]).state === 'healthy');
    return (healthy.length ? healthy : all).map((item) => item[0]).sort();
}

function token(address) {
    return crypto.createHash('sha256').update(address).digest('base64url');
}

function pick(r) {
    return choose(r, usable());
}

function pickOther(r) {
    const tried = `${r.variables.tried},${r.variables.target}`;
    const target = choose(r, usable().filter((address) => !tried.split(',').includes(address)));
    r.variables.tried = `${tried},${target}`;
    return target;
}

function choose(r, targets) {
    if (!targets.length) {
        return '';
    }
    const cookie = r.variables[`cookie_${STICKINESS_COOKIE}`];
    const bound = sticky && cookie && targets.find((address) => token(address) === cookie);
    return bound || targets[ngx.shared.turn.incr('next', 1, 0) % targets.length];
}

// As an ALB does, sent with every answer: the duration counts from the last request.
function stickinessCookie(r) {
    const reached = (r.variables.upstream_addr || '').split(', ').pop();
    if (!sticky || !reached) {
        return '';
    }
    const expires = new Date(Date.now() + STICKINESS_SECONDS * 1000).toUTCString();
    return `${STICKINESS_COOKIE}=${token(reached)}; Expires=${expires}; Path=/`;
}

export default { checkTargets, pick, pickOther, stickinessCookie };
