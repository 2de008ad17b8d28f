// What an entry of the access log needs and nginx does not say in the same words.

import routing from 'routing.js';

// Called once a request, when it has ended: for a websocket, when its connection is closed; also
// when the client went away. The first field of an entry; it fills in the others.
function ended(r) {
    routing.settle(r);
    const v = r.variables;
    const status = routing.last(v.upstream_status);
    const answered = routing.last(v.upstream_header_time);
    if (answered !== '-' && answered !== '') {
        const rest = Math.max(0, v.request_time - routing.last(v.upstream_response_time));
        v.log_times = `${rest.toFixed(3)} ${answered} 0.000`;
        v.log_target_status = status;
    } else {
        v.log_times = '-1 -1 -1';
        v.log_target_status = '-';
    }
    v.log_target = routing.lastTarget(v.upstream_addr);
    // Of a websocket, also what came after its request, which the target got as it was.
    v.log_received = r.status === 101 ? routing.last(v.upstream_bytes_sent) : v.request_length;
    v.log_created = timestamp(Date.now() - v.request_time * 1000);
    return type(r);
}

function type(r) {
    if (r.status === 101) {
        return r.variables.https ? 'wss' : 'ws';
    }
    return r.variables.http2 || (r.variables.https ? 'https' : 'http');
}

function timestamp(moment) {
    return new Date(moment).toISOString().replace('Z', '000Z');
}

function now() {
    return timestamp(Date.now());
}

export default { ended, now };
