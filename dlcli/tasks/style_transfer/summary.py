"""What closes a run of `dlcli style-transfer`: images, and the styles that they got. Light."""

from dlcli.messages import plural
from dlcli.tasks.summary import Summary


class StyleSummary(Summary):
    """ "3 images stylized as starry-night" """

    def sentence(self) -> str:
        if not self.hit:
            return super().sentence()
        styles = ", ".join(sorted(self.found))
        return f"{plural(self.hit, 'image')} stylized as {styles}{f'; {self.failures} failed' if self.failures else ''}"
