"""Depthwise convolution whose gradients are several times faster on CPU than those of torch."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

QUICK = 3  # the side of a kernel whose gradient oneDNN computes fast; for 5 it takes ten times as long
Gradients = tuple[Tensor | None, Tensor | None, Tensor | None, None, None]


def depthwise_conv(x: Tensor, kernel: Tensor, shift: Tensor | None, stride: int, padding: int) -> Tensor:
    """DepthwiseConv; below torch.autocast in its dtype, as F.conv2d is."""
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.get_autocast_dtype("cpu")
        x, kernel, shift = x.to(dtype), kernel.to(dtype), None if shift is None else shift.to(dtype)
    found: Tensor = DepthwiseConv.apply(x, kernel, shift, stride, padding)
    return found


class DepthwiseConv(torch.autograd.Function):
    """F.conv2d with a kernel of its own for each channel: x [B, C, H, W], kernel [C, 1, K, K], shift [C] or None.

    Called by `apply(x, kernel, shift, stride, padding)`; x and kernel of one dtype, float32 or bfloat16.
    Equal to torch's own in values and gradients but for rounding; no second derivative.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, shift: Tensor | None, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, kernel)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, kernel, shift, stride, padding, groups=x.shape[1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> Gradients:  # type: ignore[override]
        x, kernel = ctx.saved_tensors
        for_x, for_kernel, for_shift = ctx.needs_input_grad[:3]
        grad = grad.contiguous(memory_format=torch.channels_last)
        return (
            input_gradient(grad, x, kernel, ctx.stride, ctx.padding) if for_x else None,
            kernel_gradient(grad, x, kernel.shape[-1], ctx.stride, ctx.padding) if for_kernel else None,
            grad.sum((0, 2, 3)) if for_shift else None,
            None,
            None,
        )


def input_gradient(grad: Tensor, x: Tensor, kernel: Tensor, stride: int, padding: int) -> Tensor:
    """The gradient of x: the shape and dtype of x. With a stride, bfloat16 has only a slow path: float32 then."""
    wanted, dtype = x.dtype, torch.float32 if stride > 1 else x.dtype
    grad, x, kernel = grad.to(dtype), x.to(dtype), kernel.to(dtype)
    found = _backward(grad, x, kernel, stride, padding, (True, False, False))[0]
    return found.to(wanted)


def kernel_gradient(grad: Tensor, x: Tensor, side: int, stride: int, padding: int) -> Tensor:
    """The gradient of a kernel of `side` x `side`: [C, 1, side, side].

    A 5 x 5 kernel's is put together from those of four 3 x 3 kernels, one in each corner, over the same outputs.
    """
    if side != 2 * QUICK - 1:
        kernel = grad.new_empty(x.shape[1], 1, side, side)
        return _backward(grad, x, kernel, stride, padding, (False, True, False))[1]
    x = F.pad(x, (padding,) * 4)
    rows, columns = (stride * (n - 1) + QUICK for n in grad.shape[2:])
    whole = grad.new_empty(x.shape[1], 1, side, side)
    part = grad.new_empty(x.shape[1], 1, QUICK, QUICK)
    for top in (0, side - QUICK):
        for left in (0, side - QUICK):
            seen = x[:, :, top : top + rows, left : left + columns].contiguous(memory_format=torch.channels_last)
            whole[:, :, top : top + QUICK, left : left + QUICK] = _backward(
                grad, seen, part, stride, 0, (False, True, False)
            )[1]
    return whole


def _backward(
    grad: Tensor, x: Tensor, kernel: Tensor, stride: int, padding: int, wanted: tuple[bool, bool, bool]
) -> tuple[Tensor, Tensor, Tensor]:
    strides, paddings = (stride, stride), (padding, padding)
    return torch.ops.aten.convolution_backward(  # type: ignore[no-any-return]
        grad, x, kernel, None, strides, paddings, (1, 1), False, (0, 0), x.shape[1], wanted
    )
