"""Files of models, bundled and imported: each as it was when its SHA-256 was recorded, float weights too."""

from collections.abc import Iterator
from dataclasses import replace

from dlcli.card import read_card
from dlcli.doctor.finding import Finding, fault, ok
from dlcli.errors import DlcliError
from dlcli.models.inventory import verify
from dlcli.models.user_folder import imported_models, user_folder


def check_model_files() -> Iterator[Finding]:
    """One finding on the sums of all files, one on what was imported and where. About 50 ms for the bundled ones."""
    looked = list(verify(""))
    wrong = tuple(str(error) for _, error in looked if error is not None)
    if wrong:
        found = fault("sums", f"{len(wrong)} of {len(looked)} model files are not as recorded", "see each of them")
        yield replace(found, items=wrong)
    else:
        yield ok("sums", f"{len(looked)} model files match their recorded SHA-256", files=len(looked))
    yield _imported()


def _imported() -> Finding:
    folder, models = user_folder(), imported_models()
    shown = str(folder) if folder else "no folder, since neither HOME nor DLCLI_MODELS is set"
    facts = {"folder": str(folder) if folder else None, "models": list(models)}
    wrong = []
    for path in models.values():
        try:
            read_card(path)
        except DlcliError as error:
            wrong.append(str(error))
    if wrong:
        found = fault(
            "imported", f"{len(wrong)} of {len(models)} cannot be used", "move them away, and import them again"
        )
        return replace(found, facts=facts, items=tuple(wrong))
    return ok("imported", f"{', '.join(models) or 'no model'} ({shown})", **facts)
