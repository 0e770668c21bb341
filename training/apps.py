from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from procedures.reading.extensions import register  # noqa: PLC0415  models are loaded by now
        from training.onpage import ON_READER_PAGE  # noqa: PLC0415

        register(ON_READER_PAGE)
