"use strict";

// The validator badge and the fonts of Swagger UI's own page would ask other hosts.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
});
