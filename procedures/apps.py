from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "procedures"

    def ready(self) -> None:
        from procedures import checks  # noqa: F401, PLC0415  registers itself
        from procedures.deviations.reader import add_to_reader_page  # noqa: PLC0415  models are ready only now

        add_to_reader_page()
