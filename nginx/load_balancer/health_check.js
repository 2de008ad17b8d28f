// Active health checks, and what they make of a target's state.

import attributes from 'attributes.js';
import targets from 'targets.js';

// Every second. A new target is asked at once and then each second, so that it serves soon.
async function followTargets() {
    targets.follow();
    targets.rotate();
    await check((target) => !target.wasHealthy);
}

// Every HealthCheckIntervalSeconds.
function checkTargets() {
    return check((target) => target.wasHealthy);
}

async function check(isDue) {
    const group = attributes.targetGroup();
    const hasHelp = targets.hasHelp();  // before any of these is healthy
    const due = targets.known().filter((target) => targets.isRegistered(target) && isDue(target));
    await Promise.all(due.map(async (asked) => {
        const url = `http://${asked.address}:${group.Port}${group.HealthCheckPath}`;
        const failure = await ask(url, group.Matcher);
        const target = targets.read(asked.address);
        if (target && target.since === asked.since) {  // else it was registered anew meanwhile
            targets.write(judged(target, failure, group, hasHelp));
            targets.rotate();
        }
    }));
}

// Returns the reason for which a check failed, and its details; null when it passed.
async function ask(url, matcher) {
    try {
        const reply = await ngx.fetch(url, { headers: { 'User-Agent': 'ELB-HealthChecker/2.0' } });
        return matches(reply.status, matcher) ? null
            : { reason: 'Target.ResponseCodeMismatch', codes: `${reply.status}` };
    } catch (error) {
        const timedOut = /timed? ?out/i.test(error.message);
        return { reason: timedOut ? 'Target.Timeout' : 'Target.FailedHealthChecks' };
    }
}

// A matcher is a list of codes and ranges, such as 200,202 or 200-299.
function matches(status, matcher) {
    return matcher.split(',').some((part) => {
        const bounds = part.split('-').map(Number);
        return bounds[0] <= status && status <= bounds[bounds.length - 1];
    });
}

// A new target is healthy after one check that passes; after that, a state changes when as many
// checks in a row as the threshold says have told the opposite.
function judged(target, failure, group, hasHelp) {
    const told = failure ? 'unhealthy' : 'healthy';
    if (told === target.state) {
        return Object.assign(target, { streak: 0 }, failure || {});
    }
    if (!isDecided(target, failure, group)) {
        const reason = target.state === 'initial' ? { reason: 'Elb.InitialHealthChecking' } : {};
        return Object.assign(target, { streak: target.streak + 1 }, reason);
    }
    if (failure) {
        return Object.assign(target, { state: told, streak: 0 }, failure);
    }
    const ramps = target.startsSlowly && hasHelp && group['slow_start.duration_seconds'] > 0;
    return Object.assign(target, {
        state: told, streak: 0, reason: '', wasHealthy: true,
        startsSlowly: true, rampFrom: ramps ? Date.now() : 0,
    });
}

function isDecided(target, failure, group) {
    if (target.wasHealthy) {
        const threshold = failure ? group.UnhealthyThresholdCount : group.HealthyThresholdCount;
        return target.streak + 1 >= threshold;
    }
    // It is asked each second, but has as long as the usual checks would take.
    const patience = group.UnhealthyThresholdCount * group.HealthCheckIntervalSeconds * 1000;
    return !failure || Date.now() - target.since >= patience;
}

export default { followTargets, checkTargets };
