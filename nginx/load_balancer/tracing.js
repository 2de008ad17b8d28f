// The header X-Amzn-Trace-Id.

// A request without one gets a Root; one that has a Root gets a Self before it, or a new one.
function traceId(r) {
    const seconds = Math.floor(Date.now() / 1000).toString(16);
    const own = `1-${seconds}-${r.variables.request_id.slice(8)}`;
    const given = r.variables.http_x_amzn_trace_id;
    if (!given) {
        return `Root=${own}`;
    }
    const fields = given.split(';').filter((field) => !field.startsWith('Self='));
    const name = fields.some((field) => field.startsWith('Root=')) ? 'Self' : 'Root';
    return [`${name}=${own}`].concat(fields).join(';');
}

export default { traceId };
