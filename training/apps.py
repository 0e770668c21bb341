from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from procedures import following  # noqa: PLC0415  models are loaded by now
        from procedures.reading import extensions  # noqa: PLC0415
        from training.delivery import FOLLOWER  # noqa: PLC0415
        from training.onpage import ON_READER_PAGE  # noqa: PLC0415

        extensions.register(ON_READER_PAGE)
        following.register(FOLLOWER)
