"""The choice of arithmetic."""
import unittest

import torch

from training.common import precision


class Precision(unittest.TestCase):
    def setUp(self):
        self.net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU())
        self.inputs = torch.rand(2, 3, 16, 16)

    def test_the_faster_arithmetic_is_taken(self):
        seconds = {torch.float32: 2.0, torch.bfloat16: 9.0}
        timed = precision.step_seconds
        try:
            precision.step_seconds = lambda net, inputs, dtype: seconds[dtype]
            self.assertEqual(precision.fastest(self.net, self.inputs), (torch.float32, {"float32": 2.0, "bfloat16": 9.0}))
            seconds[torch.bfloat16] = 1.0
            self.assertEqual(precision.fastest(self.net, self.inputs)[0], torch.bfloat16)
        finally:
            precision.step_seconds = timed

    def test_trying_leaves_the_network_as_it_was(self):
        before = {k: v.clone() for k, v in self.net.state_dict().items()}
        chosen, seconds = precision.fastest(self.net, self.inputs)
        self.assertIn(chosen, (torch.float32, torch.bfloat16))
        self.assertEqual(set(seconds), {"float32", "bfloat16"})
        for name, value in self.net.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)
        self.assertTrue(all(p.grad is None for p in self.net.parameters()))

    def test_float32_is_not_cast(self):
        with precision.autocast(torch.float32):
            self.assertEqual(self.net(self.inputs).dtype, torch.float32)
        with precision.autocast(torch.bfloat16):
            self.assertEqual(self.net[0](self.inputs).dtype, torch.bfloat16)

    def test_outputs_may_be_nested(self):
        self.assertEqual(float(precision.total([torch.ones(2), (torch.ones(3), torch.ones(1))])), 3.0)


if __name__ == "__main__":
    unittest.main()
