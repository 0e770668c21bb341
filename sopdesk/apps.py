from django.apps import AppConfig


class SopdeskConfig(AppConfig):
    name = "sopdesk"

    def ready(self) -> None:
        from sopdesk import checks  # noqa: F401, PLC0415  (registers the system checks once apps are loaded)
