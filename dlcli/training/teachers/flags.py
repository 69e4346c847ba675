"""What can be set of a teacher, for the trainings that can have one. Light."""

from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.options import option

TEACHER = "Teacher"


@dataclass(frozen=True, kw_only=True)
class TeacherOptions:
    """Beside those of every training."""

    teacher: Annotated[
        str,
        option(
            "Knowledge distillation: also learn what this model says of each image; a run's folder, a bundled model or "
            "a .safetensors file that knows these classes; or torchvision/NAME or timm/NAME with cached weights.",
            panel=TEACHER,
            metavar="RUN|MODEL",
        ),
    ] = ""
    teacher_weight: Annotated[
        float, option("What the teacher's answers weigh in the loss; the labels weigh 1.", panel=TEACHER, min=0)
    ] = 1.0
    feature_weight: Annotated[
        float,
        option(
            "Attention transfer: weight of how far the features' maps are from the teacher's, such as 10; 0 disables. "
            "With --teacher-weight 0 the teacher need not know these classes.",
            panel=TEACHER,
            min=0,
        ),
    ] = 0.0
    temperature: Annotated[
        float,
        option(
            "Logits of both are divided by it, so that a teacher's small probabilities tell more.",
            panel=TEACHER,
            min=0.1,
            max=100,
        ),
    ] = 2.0


def teaches(options: TeacherOptions) -> bool:
    """Whether there is a teacher that something is learned from."""
    return bool(options.teacher) and (options.teacher_weight > 0 or options.feature_weight > 0)
