from django.apps import AppConfig


class SopdeskConfig(AppConfig):
    name = "sopdesk"

    def ready(self) -> None:
        from django import forms  # noqa: PLC0415

        from sopdesk import checks  # noqa: F401, PLC0415  (registers the system checks once apps are loaded)
        from sopdesk.lib.dates import teach_first_of_month  # noqa: PLC0415
        from sopdesk.lib.forms import ByName  # noqa: PLC0415

        # Here and not field by field: those that Django makes for a ModelForm are meant as well.
        forms.ModelChoiceField.iterator = ByName  # type: ignore[misc]
        teach_first_of_month()
