// Names the viewer to the functions (viewer request of /api/*, runtime cloudfront-js-2.0), over
// whatever the viewer says of itself. X-Forwarded-For would not do: behind the address that the CDN
// appends to it, the API appends that of the CDN.
function handler(event) {
  event.request.headers['x-tuition-caller'] = { value: event.viewer.ip };
  return event.request;
}
