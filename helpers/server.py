"""A Jupyter server extension: what a kernel answers reaches the page at once. pip switches it on (see lab/).

Without it every move of a slider waits some 40 ms more. Jupyter's server leaves Nagle's algorithm on: TCP holds a small
packet back while the one before it (the kernel's "busy") is unacknowledged, and the browser, with nothing to say,
acknowledges late (RFC 896, RFC 1122 section 4.2.3.2).
"""


def _jupyter_server_extension_points():
    return [{"module": "helpers.server"}]


def _load_jupyter_server_extension(app):
    settings = app.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(settings["kernel_websocket_connection_class"])


def prompt(connection_class):
    """The server's class for connections between a page and a kernel, made to send each message without delay."""

    class PromptConnection(connection_class):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return PromptConnection
