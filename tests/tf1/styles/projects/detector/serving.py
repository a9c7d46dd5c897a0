"""What the user adds to export the network."""
from lib.network import Network


def network(images):
    layers = Network(trainable=False).build(images / 255.0)
    return {'boxes': layers['rois'], 'scores': layers['scores'], 'classes': layers['cls_prob']}
