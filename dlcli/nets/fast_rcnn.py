"""Fast R-CNN (arXiv:1504.08083): what the anchor head proposes is cut out of the features and looked at again."""

import torch
from torch import Tensor, nn

from dlcli.nets.anchor_detector import CHANNELS, AnchorDetector
from dlcli.nets.box_offsets import centered, decoded, encoded
from dlcli.nets.roi_pool import roi_align, roi_max_pool
from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.proposals import best_proposals

POOLS = {"align": roi_align, "max": roi_max_pool}
CELLS = 7  # a region is pooled to CELLS x CELLS
WIDTH = 256  # of the two layers that look at it
CANONICAL_SIDE, CANONICAL_STRIDE = 224.0, 16  # a region of this side is pooled from the level of this stride


class RegionHead(nn.Module):
    """Pooled regions [R, C, 7, 7] -> logits [R, classes + 1], background last, and offsets [R, 4] of the region."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.look = nn.Sequential(
            nn.Flatten(), nn.Linear(channels * CELLS**2, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU()
        )
        self.class_out = nn.Linear(WIDTH, classes + 1)
        self.box_out = nn.Linear(WIDTH, 4)
        nn.init.normal_(self.class_out.weight, std=0.01)
        nn.init.normal_(self.box_out.weight, std=0.001)
        nn.init.zeros_(self.class_out.bias)
        nn.init.zeros_(self.box_out.bias)

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.look(regions)  # [R, WIDTH]
        return self.class_out(seen), self.box_out(seen)


class FastRcnn(AnchorDetector):
    """[B, 3, H, W] -> class logits [B, A, classes] and offsets [B, A, 4], as the AnchorDetector it extends.

    Anchors that propose a region carry the second look's answer, all others -inf, so that whatever decodes an
    AnchorDetector decodes this too. The sigmoid of a logit is the softmax's probability of its class.
    grid: the anchors, at any input size. pool: a key of POOLS. proposals: regions looked at in an image.
    """

    def __init__(self, classes: int, grid: AnchorGrid, pool: str = "align", proposals: int = 200):
        super().__init__(classes, grid.per_cell)
        self.grid, self.pool, self.proposals = grid, POOLS[pool], proposals
        self.region_head = RegionHead(CHANNELS, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        levels = self.features(x)
        logits, offsets = self.head(levels)
        grid = self.grid.at(x.shape[3], x.shape[2])
        found = self.propose(logits, offsets, grid)
        class_logits, moves = self.look_again(levels, [boxes for boxes, _ in found])
        logits = torch.full_like(logits, -torch.inf)
        start = 0
        for i, (boxes, anchors) in enumerate(found):
            mine = slice(start, start := start + len(boxes))
            logits[i, anchors] = log_odds(class_logits[mine])[:, :-1]
            refined = decoded(moves[mine], centered(boxes), grid.variances)
            offsets[i, anchors] = encoded(
                refined, torch.from_numpy(grid.cxcywh).to(anchors.device)[anchors], grid.variances
            )
        return logits, offsets

    def propose(self, logits: Tensor, offsets: Tensor, grid: AnchorGrid) -> list[tuple[Tensor, Tensor]]:
        """For each image its regions, xyxy [R, 4], and their anchors, int64 [R]. No gradient goes through them."""
        pairs = zip(logits.detach().cpu().numpy(), offsets.detach().cpu().numpy(), strict=True)
        found = [best_proposals(scores, moves, grid, self.proposals) for scores, moves in pairs]
        return [tuple(torch.from_numpy(part).to(logits.device) for part in parts) for parts in found]  # type: ignore[misc]

    def look_again(self, levels: list[Tensor], boxes: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Regions, xyxy [R_b, 4] for each image -> logits [R, classes + 1] and offsets [R, 4], image by image."""
        images = zip(zip(*levels, strict=True), boxes, strict=True)
        return self.region_head(torch.cat([self.pooled(features, regions) for features, regions in images]))

    def pooled(self, levels: tuple[Tensor, ...], boxes: Tensor) -> Tensor:
        """The regions [R, C, 7, 7] of one image, each from its level; levels: [C, H_l, W_l], finest first."""
        level = region_level(boxes, self.grid.strides)
        parts, rows = [], []
        for i, (features, stride) in enumerate(zip(levels, self.grid.strides, strict=True)):
            mine = torch.nonzero(level == i).squeeze(1)
            parts.append(self.pool(features, boxes[mine], CELLS, 1 / stride))
            rows.append(mine)
        return torch.cat(parts)[torch.cat(rows).argsort()]


def region_level(boxes: Tensor, strides: tuple[int, ...]) -> Tensor:
    """Which level each region is pooled from: xyxy [R, 4] -> int64 [R], an index into `strides`, finest first.

    The FPN paper's rule (arXiv:1612.03144, eq. 1): k = floor(k0 + log2(sqrt(w h) / 224)), where k0 is the level
    of stride 16; smaller regions come from finer levels, as far as there are any.
    """
    side = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3).prod(1).sqrt()
    level = torch.floor(strides.index(CANONICAL_STRIDE) + torch.log2(side / CANONICAL_SIDE))
    return level.long().clamp(0, len(strides) - 1)


def log_odds(logits: Tensor) -> Tensor:
    """log(p / (1 - p)) of the softmax's probabilities: logits [R, K] -> [R, K]; a sigmoid gives p back."""
    others = torch.eye(logits.shape[1], dtype=torch.bool, device=logits.device)
    rest = logits[:, None, :].masked_fill(others, -torch.inf).logsumexp(2)  # [R, K]: of all classes but one's own
    return logits - rest
