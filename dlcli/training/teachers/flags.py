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
            "a .safetensors file that knows these classes.",
            panel=TEACHER,
            metavar="RUN|MODEL",
        ),
    ] = ""
    teacher_weight: Annotated[
        float, option("What the teacher's answers weigh in the loss; the labels weigh 1.", panel=TEACHER, min=0)
    ] = 1.0
    temperature: Annotated[
        float,
        option(
            "Logits of both are divided by it, so that a teacher's small probabilities tell more.",
            panel=TEACHER,
            min=0.1,
            max=100,
        ),
    ] = 2.0
