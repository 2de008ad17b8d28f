// The target group: which replicas there are, which are healthy, and which one gets a request.

import crypto from 'crypto';
import fs from 'fs';

const TARGETS_FILE = '/tmp/targets';  // kept by register_targets
const PORT = 8501;
const HEALTH_CHECK = {         // interval and timeout are in nginx.conf
    path: '/healthz',          // HealthCheckPath
    healthyThreshold: 2,       // HealthyThresholdCount; one is enough for a new target
    unhealthyThreshold: 2,     // UnhealthyThresholdCount
    matcher: 200,              // Matcher
};
const STICKINESS_COOKIE = 'AWSALB';
const STICKINESS_SECONDS = 86400;
const sticky = process.env.STICKINESS !== 'off';

// Every second: register what appeared, deregister what is gone, check what is new.
async function registerTargets() {
    const registered = fs.readFileSync(TARGETS_FILE, 'utf8').split('\n')
        .filter((address) => address !== '')
        .map((address) => `${address}:${PORT}`);
    const known = ngx.shared.targets;
    known.keys().filter((address) => !registered.includes(address))
        .forEach((address) => known.delete(address));
    registered.forEach((address) => known.add(address, JSON.stringify({ state: 'initial', streak: 0 })));
    await checkThose((state) => state === 'initial');
}

// Every HealthCheckIntervalSeconds.
function checkTargets() {
    return checkThose((state) => state !== 'initial');
}

async function checkThose(condition) {
    const due = ngx.shared.targets.items()
        .map((item) => ({ address: item[0], before: JSON.parse(item[1]) }))
        .filter((target) => condition(target.before.state));
    await Promise.all(due.map(async (target) => {
        const passed = await passes(target.address);
        ngx.shared.targets.replace(target.address, JSON.stringify(judge(target.before, passed)));
    }));
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
function judge(before, passed) {
    if (before.state === 'initial') {
        return { state: passed ? 'healthy' : 'initial', streak: 0 };
    }
    const result = passed ? 'healthy' : 'unhealthy';
    if (result === before.state) {
        return { state: result, streak: 0 };
    }
    const threshold = passed ? HEALTH_CHECK.healthyThreshold : HEALTH_CHECK.unhealthyThreshold;
    const streak = before.streak + 1;
    return streak >= threshold ? { state: result, streak: 0 } : { state: before.state, streak };
}

// Healthy targets; all of them when none is healthy (an ALB fails open), or none that is left.
function usable(tried) {
    const all = ngx.shared.targets.items().filter((item) => !tried.includes(item[0]));
    const healthy = all.filter((item) => JSON.parse(item[1]).state === 'healthy');
    return (healthy.length ? healthy : all).map((item) => item[0]).sort();
}

function token(address) {
    return crypto.createHash('sha256').update(address).digest('base64url');
}

function pick(r) {
    return choose(r, usable([]));
}

function pickOther(r) {
    const tried = `${r.variables.tried},${r.variables.target}`;
    const target = choose(r, usable(tried.split(',')));
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

export default { registerTargets, checkTargets, pick, pickOther, stickinessCookie };
