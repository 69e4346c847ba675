"""Attention against torch's own."""

import torch
from torch import nn

from dlcli.nets.classifiers.attention import SelfAttention, attend


def test_attention_equals_torchs():
    torch.manual_seed(0)
    queries, keys, values = torch.randn(3, 2, 4, 9, 8).unbind()
    torch.testing.assert_close(
        attend(queries, keys, values), nn.functional.scaled_dot_product_attention(queries, keys, values)
    )
    bias = torch.randn(4, 9, 9)
    expected = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
    torch.testing.assert_close(attend(queries, keys, values, bias), expected)


def test_several_heads_equal_torchs():
    torch.manual_seed(0)
    ours, theirs = SelfAttention(24, 3), nn.MultiheadAttention(24, 3, batch_first=True)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 5, 24)
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0], rtol=1e-4, atol=1e-5)
