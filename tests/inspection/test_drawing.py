"""The drawing is well-formed, and no text meets another one."""

import xml.etree.ElementTree as ElementTree
from itertools import combinations

import pytest
import tensorflow.compat.v1 as tf

from exporter.inspection.drawing import draw
from exporter.inspection.shapes import inference_path

SVG = "{http://www.w3.org/2000/svg}"
HEIGHT, WIDEST = 11, 7.6  # of a line and of a character, in pixels


def boxes_of(drawing):
    """(left, top, right, bottom) of each box."""
    boxes = ElementTree.fromstring(drawing).iter(f"{SVG}rect")
    found = [[float(box.get(key)) for key in ("x", "y", "width", "height")] for box in boxes if box.get("x")]
    return [(x, y, x + width, y + height) for x, y, width, height in found]


def labels_of(drawing):
    texts = [text for text in ElementTree.fromstring(drawing).iter(f"{SVG}text") if text.get("class") == "shape"]
    return [(float(text.get("x")), float(text.get("y")) - HEIGHT, float(text.get("x")) + len(text.text) * 6.4,
             float(text.get("y"))) for text in texts]


def overlap(first, second):
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


@pytest.fixture(scope="module", params=["resnet_v1_50", "inception_v1"])
def drawing(request):
    from models.slim_nets import SlimNet

    with tf.Graph().as_default() as graph:
        model = SlimNet(request.param)
        images = tf.placeholder(tf.float32, [None, 224, 224, 3], name="images")
        output = model.postprocess(model.predict(model.preprocess(images)))["probabilities"].op.name
    return draw(inference_path(graph.as_graph_def(), [output]), [output], request.param)


def test_boxes_and_labels_are_apart(drawing):
    boxes, labels = boxes_of(drawing), labels_of(drawing)
    assert 20 < len(boxes) <= 60
    assert len(labels) >= len(boxes) - 2
    assert not [pair for pair in combinations(boxes + labels, 2) if overlap(*pair)]


def test_everything_is_within_the_page(drawing):
    root = ElementTree.fromstring(drawing)
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(left >= 0 and right <= width and top >= 0 and bottom <= height for left, top, right, bottom in
               boxes_of(drawing) + labels_of(drawing))


def test_titles_fit_their_boxes(drawing):
    for group in ElementTree.fromstring(drawing).iter(f"{SVG}g"):
        title = group.find(f"{SVG}text").text
        assert len(title) * 7.0 < float(group.find(f"{SVG}rect").get("width"))


@pytest.mark.usefixtures("graph")
def test_names_are_escaped_and_an_unknown_op_is_drawn_without_shapes():
    graph_def = tf.GraphDef()
    graph_def.node.add(name="a>b", op="Placeholder").attr["dtype"].type = tf.float32.as_datatype_enum
    graph_def.node.add(name="sampled", op="QueryBallPoint", input=["a>b"])
    root = ElementTree.fromstring(draw(graph_def, ["sampled"], "<graph> & more"))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts[0] == "<graph> & more"
    assert {"a>b", "sampled", "QueryBallPoint"} <= set(texts)
