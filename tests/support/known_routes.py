"""What FastAPI works out of the hub's routes as the first request comes, worked out as this is
loaded: whoever forks then has it."""

from noisetamer.hub.web.app import routes

for _route in routes():
    _route.matches({"type": "http", "method": "GET", "path": "/", "root_path": ""})
