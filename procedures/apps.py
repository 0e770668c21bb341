from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "procedures"

    def ready(self) -> None:
        from notifications.kinds import SENT_IF  # noqa: PLC0415
        from procedures import checks  # noqa: F401, PLC0415  registers itself
        from procedures.browsing import reader  # noqa: PLC0415
        from procedures.browsing.permissions import WATCHED, is_still_told  # noqa: PLC0415
        from procedures.deviations.reader import add_to_reader_page  # noqa: PLC0415  models are ready only now
        from procedures.pdf import onpage  # noqa: PLC0415
        from procedures.reading.extensions import register  # noqa: PLC0415

        add_to_reader_page()
        register(reader.EXTENSION)
        register(onpage.EXTENSION)
        SENT_IF.update(dict.fromkeys(WATCHED, is_still_told))
