from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from notifications.kinds import SENT_IF  # noqa: PLC0415  models are loaded by now
        from procedures import following, preflight, submitting  # noqa: PLC0415
        from procedures.reading import extensions  # noqa: PLC0415
        from runs.actions.following import FOLLOWER  # noqa: PLC0415
        from runs.beforehand import check_unanswered, submission_addition  # noqa: PLC0415
        from runs.delivery import KINDS  # noqa: PLC0415
        from runs.onpage import ON_READER_PAGE  # noqa: PLC0415
        from runs.permissions import is_still_told  # noqa: PLC0415

        extensions.register(ON_READER_PAGE)
        following.register(FOLLOWER)
        submitting.register(submission_addition)
        preflight.register(check_unanswered)
        SENT_IF.update(dict.fromkeys(KINDS, is_still_told))
