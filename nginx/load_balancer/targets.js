// The target group: which targets are registered, in which state, and which of them get requests.

import attributes from 'attributes.js';
import crypto from 'crypto';
import fs from 'fs';
import routing from 'routing.js';

const ADDRESSES = '/tmp/targets';  // kept by register_targets
const KEY = '/proc/sys/kernel/random/boot_id';
const COOKIE_SECONDS = 7 * 86400;
const STEPS = 10;                  // of the ramp of a slow start

// Shared dictionaries, which live on over a reload of nginx:
//   targets       address -> what its health checks have told, as JSON
//   deregistered  address -> since when, in ms; apart, so that a check under way cannot undo it
//   outstanding   address -> how many requests it has not answered yet
//   rotation      what a request needs to know, prepared for it

// Every second: register what has come, deregister what is gone, forget what has drained.
function follow() {
    const there = fs.readFileSync(ADDRESSES, 'utf8').split('\n').filter((line) => line !== '');
    const targets = known();
    there.filter((address) => !targets.some((each) => each.address === address && !each.gone))
        .forEach(register);
    targets.filter((target) => !there.includes(target.address)).forEach((target) => {
        if (stateOf(target) === 'unused') {
            forget(target.address);
        } else {
            deregister(target.address);
            write(Object.assign(target, { gone: true }));
        }
    });
}

function register(address) {
    ngx.shared.deregistered.delete(address);
    write({
        address, since: Date.now(), state: 'initial', streak: 0, reason: 'Elb.RegistrationInProgress',
        wasHealthy: false, startsSlowly: hasHelp(), rampFrom: 0,
    });
}

// A target that is draining already goes on as it was.
function deregister(address) {
    ngx.shared.deregistered.add(address, Date.now());
}

function forget(address) {
    ['targets', 'deregistered', 'outstanding'].forEach((name) => ngx.shared[name].delete(address));
}

// All targets, by address.
function known() {
    return ngx.shared.targets.items().map((item) => JSON.parse(item[1]))
        .sort((one, other) => (one.address < other.address ? -1 : 1));
}

function read(address) {
    const found = ngx.shared.targets.get(address);
    return found && JSON.parse(found);
}

function write(target) {
    ngx.shared.targets.set(target.address, JSON.stringify(target));
}

function isRegistered(target) {
    return !target.gone && !ngx.shared.deregistered.has(target.address);
}

function stateOf(target) {
    if (isRegistered(target)) {
        return target.state;
    }
    const since = ngx.shared.deregistered.get(target.address) || 0;
    const delay = attributes.targetGroup()['deregistration_delay.timeout_seconds'];
    return Date.now() < since + delay * 1000 ? 'draining' : 'unused';
}

// Those that may get new requests: the healthy ones, or all when none is (an ALB fails open).
function usable(registered) {
    const healthy = registered.filter((target) => target.state === 'healthy');
    return healthy.length ? healthy : registered;
}

// Whether a healthy target has its full share: without one, nobody helps a target that starts slowly.
function hasHelp() {
    const group = attributes.targetGroup();
    return known().filter(isRegistered)
        .some((target) => target.state === 'healthy' && shareOf(target, group) === STEPS);
}

// Prepares what each request reads: how to choose (the algorithm, and how many seconds a session
// sticks; 0: it does not), each target as often as its share is, all the others, which get a request
// that none of those could be reached for, and when new cookies expire.
function rotate() {
    const group = attributes.targetGroup();
    const sticks = group['stickiness.enabled'] ? group['stickiness.lb_cookie.duration_seconds'] : 0;
    const algorithm = group['load_balancing.algorithm.type'];
    const registered = known().filter(isRegistered);
    const chosen = usable(registered);
    const others = registered.filter((target) => !chosen.includes(target));
    const shares = chosen.map((target) => ({
        entry: entry(target, group),
        share: algorithm === 'round_robin' ? shareOf(target, group) : STEPS,
    }));
    ngx.shared.rotation.set('how', `${algorithm} ${sticks}`);
    ngx.shared.rotation.set('expires', new Date(Date.now() + COOKIE_SECONDS * 1000).toUTCString());
    ngx.shared.rotation.set('targets', interleaved(shares).join(''));
    ngx.shared.rotation.set('others', others.map((target) => entry(target, group)).join(''));
}

function entry(target, group) {
    const place = `${target.address}:${group.Port}`;
    return routing.entryFor(place, nameOf(place));
}

// A slow start is a linear ramp, here in tenths of a full share.
function shareOf(target, group) {
    const duration = group['slow_start.duration_seconds'] * 1000;
    const age = Date.now() - target.rampFrom;
    return age < duration ? Math.max(1, Math.floor(STEPS * age / duration)) : STEPS;
}

// Each entry as often as its share is, spread evenly; once each when all have full shares.
function interleaved(shares) {
    const due = (share, step) => Math.floor((step + 1) * share / STEPS) > Math.floor(step * share / STEPS);
    const steps = shares.every((each) => each.share === STEPS) ? 1 : STEPS;
    const turns = [];
    for (let step = STEPS - steps; step < STEPS; step++) {
        shares.filter((each) => due(each.share, step)).forEach((each) => turns.push(each.entry));
    }
    return turns;
}

// What a cookie calls a target: nobody can make it up, and it is the same after a restart of nginx.
// (AWS encrypts its cookies.)
function nameOf(target) {
    return crypto.createHmac('sha256', fs.readFileSync(KEY)).update(target).digest('base64url');
}

export default {
    follow, register, deregister, known, read, write, isRegistered, stateOf, hasHelp, rotate,
};
