"""Images with objects for the tests of writers, odd names and sizes among them."""

from hypothesis import strategies as st

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, annotated_item

ODD_LABELS = ("a cat", "sjö-häst 🐴", 'it\'s "quoted"', "<b> & </b>", "x: y # z", "50%, 'half'", "- [ ] {}", "null")

SAFE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
labels = st.lists(
    st.text(SAFE, min_size=1, max_size=12).map(str.strip).filter(bool), min_size=1, max_size=5, unique=True
).map(tuple)


@st.composite
def boxes(draw, width: int, height: int, whole: bool) -> tuple[float, float, float, float]:
    """A box of at least a pixel inside the image, in whole pixels or in 64ths, which float32 holds exactly."""
    steps = 1 if whole else 64
    x1, y1 = draw(st.integers(0, (width - 1) * steps)), draw(st.integers(0, (height - 1) * steps))
    x2, y2 = draw(st.integers(x1 + steps, width * steps)), draw(st.integers(y1 + steps, height * steps))
    return x1 / steps, y1 / steps, x2 / steps, y2 / steps


@st.composite
def images(draw, classes: int, name: str = "a.png", whole: bool = False, scored: bool = False) -> AnnotatedItem:
    width, height = draw(st.integers(2, 3000)), draw(st.integers(2, 3000))
    scores = st.integers(0, 10_000).map(lambda score: score / 10_000) if scored else st.none()
    things = [
        AnnotatedObject(
            draw(st.integers(0, classes - 1)), draw(boxes(width, height, whole)), draw(scores), draw(st.booleans())
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return annotated_item(name, name, width, height, tuple(things))


def tuples(item):
    """(box, class, ignore) of an image as a reader gives it."""
    boxes = item.target
    rows = zip(boxes.xyxy.tolist(), boxes.class_ids.tolist(), boxes.ignore.tolist(), strict=True)
    return [(tuple(box), class_id, ignore) for box, class_id, ignore in rows]
