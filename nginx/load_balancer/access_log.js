// What an entry of the access log needs, and nginx cannot reckon. It runs for every request.

import routing from 'routing.js';

// Called once a request, when it has ended: for a websocket, when its connection is closed; also
// when the client went away. Returns the time, and sets the other ones.
function ended(r) {
    routing.settle(r);
    const now = Date.now();
    const seconds = Number(r.variables.request_time);
    r.variables.log_times = times(r, seconds);
    r.variables.log_created = timestamp(now - seconds * 1000);
    return timestamp(now);
}

// Of request, target and response; all -1 where no target answered.
function times(r, seconds) {
    const answered = routing.last(r.variables.upstream_header_time);
    if (answered === '-') {
        return '-1 -1 -1';
    }
    const besides = seconds - Number(routing.last(r.variables.upstream_response_time));
    return `${Math.max(0, besides).toFixed(3)} ${answered} 0.000`;
}

function timestamp(moment) {
    return `${new Date(moment).toISOString().slice(0, -1)}000Z`;
}

export default { ended };
