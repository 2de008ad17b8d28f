// The part of the ELBv2 API that a test or a deploy needs, for callers within the container.

import attributes from 'attributes.js';
import targets from 'targets.js';

const DESCRIPTIONS = {
    'Elb.RegistrationInProgress': 'Target registration is in progress',
    'Elb.InitialHealthChecking': 'Initial health checks in progress',
    'Target.FailedHealthChecks': 'Health checks failed',
    'Target.Timeout': 'Request timed out',
    'Target.DeregistrationInProgress': 'Target deregistration is in progress',
    'Target.NotRegistered': 'Target is not registered to the target group',
};
const REASONS = {
    draining: 'Target.DeregistrationInProgress',
    unused: 'Target.NotRegistered',
};

// DescribeTargetHealth; those among it that have drained, and how many requests are open.
function listTargets(r) {
    const port = attributes.targetGroup().Port;
    answer(r, 200, targets.known().map((target) => describe(target, port)));
}

function describe(target, port) {
    const state = targets.stateOf(target);
    const reason = REASONS[state] || target.reason;
    const description = reason === 'Target.ResponseCodeMismatch'
        ? `Health checks failed with these codes: [${target.codes}]` : DESCRIPTIONS[reason] || '';
    return {
        Id: target.address, Port: port, State: state, Reason: reason, Description: description,
        Outstanding: Math.max(0, ngx.shared.outstanding.get(target.address) || 0),
    };
}

// DeregisterTargets, RegisterTargets: POST /targets/ADDRESS/deregister or .../register
function changeTarget(r) {
    const parts = r.uri.split('/');
    const target = targets.read(parts[2]);
    if (r.method !== 'POST' || !target || target.gone) {
        answer(r, 404, { Message: `no target '${parts[2]}' to ${parts[3]}` });
        return;
    }
    if (parts[3] === 'deregister') {
        targets.deregister(target.address);
    } else if (!targets.isRegistered(target)) {
        targets.register(target.address);
    }
    targets.rotate();
    listTargets(r);
}

// DescribeTargetGroupAttributes, ModifyTargetGroupAttributes: GET or PATCH /attributes
function changeAttributes(r) {
    if (r.method === 'PATCH') {
        try {
            attributes.modify(JSON.parse(r.requestText));
        } catch (error) {
            answer(r, 400, { Message: error.message });
            return;
        }
        targets.rotate();
    }
    answer(r, 200, attributes.targetGroup());
}

function answer(r, status, body) {
    r.headersOut['Content-Type'] = 'application/json';
    r.return(status, `${JSON.stringify(body)}\n`);
}

export default { listTargets, changeTarget, changeAttributes };
