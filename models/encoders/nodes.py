"""Nodes and constants of an ONNX graph while it is being written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from models.arrays import AnyArray


@dataclass
class Nodes:
    """Collects nodes and initialisers; every method returns the name of what it added."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: AnyArray) -> str:
        """Add an initialiser."""
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def integers(self, name: str, *values: int) -> str:
        """Add a one-dimensional int64 initialiser."""
        return self.constant(name, np.array(values, dtype=np.int64))

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attrs: Any) -> str:
        """Add a node with one output."""
        node = helper.make_node(op, inputs, [output], name=output, domain=domain, **attrs)
        self.nodes.append(node)
        return output
