"""The server extension: found, switched on by pip, and in the way of every message."""

from types import SimpleNamespace

from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from helpers import server

NAME = "kernel_websocket_connection_class"


class Connection:
    """Stands for the server's own class."""

    def __init__(self):
        self.websocket_handler = SimpleNamespace(set_nodelay=lambda on: self.said.append(on))
        self.said = []

    def connect(self):
        self.said.append("connected")
        return "what the server waits for"


def test_messages_are_not_held_back():
    app = SimpleNamespace(web_app=SimpleNamespace(settings={NAME: Connection}))
    server._load_jupyter_server_extension(app)
    connection = app.web_app.settings[NAME]()
    assert isinstance(connection, Connection)
    assert connection.connect() == "what the server waits for"
    assert connection.said == [True, "connected"]


def test_the_servers_own_classes_have_what_it_uses():
    assert callable(server.prompt(ZMQChannelsWebsocketConnection).connect)
    assert callable(ZMQChannelsWebsocketConnection.connect)
    assert callable(KernelWebsocketHandler.set_nodelay)


def test_pip_switches_it_on():
    from jupyter_core.paths import jupyter_config_path

    switched = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    assert switched.get("helpers.server") is True, "install the package again: pip install -r requirements.txt"
    assert server._jupyter_server_extension_points() == [{"module": "helpers.server"}]
