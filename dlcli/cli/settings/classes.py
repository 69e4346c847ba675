"""What each option may do if a settings file sets it: one table for all commands. A test holds that it is whole."""

from enum import Enum

from dlcli.cli.spec import Parameter


class Class(Enum):
    """The values end the sentence "an option that ..."."""

    PLACE = "names what is read or written"
    MODEL = "names what judges or paints the images"
    FILES = "decides what becomes of files"
    VERDICT = "decides what counts, what fails and what is checked"
    FREE = "is free"


_NAMES = {
    Class.PLACE: """
        baseline copy_matching data failed_to files_from from_jsonl images link_matching map on out plots report root
        sort_into split splits styles synthetic unlabeled val_split weak_masks
    """,
    Class.MODEL: "against features for from labels method model name net runtime style teacher",
    Class.FILES: "link lr_find metadata outside pages resume save to_srgb transfer tune watch weights",
    Class.VERDICT: """
        allow_empty bootstrap channels check class_weights classes clip_boxes conf credit crop cutout_by decode
        duplicate_bits every exclude_classes exit_zero fail_fast fail_if group input iou layout license match max_det
        max_drop max_errors max_memory max_pixels mean min min_share null output pixels pre range recursive redact
        redact_padding redact_style require resize score scores shard skip_bad std strict task threshold tile
        tile_merge tile_overlap tile_size timeout_per_image to tol top
    """,
    Class.FREE: """
        accumulate ap_images augment backbone_lr balance batch blend box_loss box_weight cache calibrate_scores
        calibration calibration_images checkpoint_minutes clahe class_loss clip clip_value compared content_weight
        count cutmix cutout_size cycles degrees denoise deterministic device dice_per_image dice_smooth dropout ema
        epochs erase eval_every expand feature_weight fold font_size format freeze full_decode gamma half_weights
        hidden hide_labels hide_scores init int8 json kfold label_smoothing latent layout_weight line_width loss lr
        lr_factor lr_steps lr_wait masks matching mixup momentum mosaic multi_label negative no_color no_flip
        optimizer patience plot pool positive precision preserve_color preview profile pseudo_score quality quiet
        r1_weight reduce_range regularization save_every schedule seed sharpen sides size start_size steps strength
        style_size style_weight synthetic_count teacher_weight temperature tensorboard test_share threads timings
        true_weight unlabeled_weight val_share variation_weight warmup weight_decay white_balance width workers zoom
    """,
}
CLASSES = {key: name for name, keys in _NAMES.items() for key in keys.split()}


def class_of(option: Parameter) -> Class:
    """An option that the table does not know, of a task of others, is none to be free with."""
    return CLASSES.get(option.key, Class.PLACE if option.kind == "path" else Class.VERDICT)


def paths_in(option: Parameter, value: object) -> list[str]:
    """What of an option's words could be a path: of KIND=FILE what follows the sign; none where it names no place."""
    if class_of(option) not in (Class.PLACE, Class.MODEL) or option.kind == "choice":
        return []
    words = [str(word) for word in (value if isinstance(value, list) else [value])]
    if "=" in option.metavar:
        words = [word.partition("=")[2] for word in words]
    return [word for word in words if word not in ("", "-")]  # standard input is no place
