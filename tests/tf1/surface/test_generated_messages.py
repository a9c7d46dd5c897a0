"""Modules that an old protoc has generated work below the roots."""

from __future__ import annotations

import subprocess
import sys

import pytest
from google.protobuf import descriptor_pb2, text_format

SIZES = text_format.Parse("""
    name: "sizes.proto" package: "old" syntax: "proto2"
    message_type { name: "Size" field { name: "width" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 default_value: "7" }
      enum_type { name: "Unit" value { name: "PIXEL" number: 0 } value { name: "METER" number: 1 } } }
    enum_type { name: "Side" value { name: "LEFT" number: 3 } }
    """, descriptor_pb2.FileDescriptorProto())
MODEL = text_format.Parse("""
    name: "model.proto" package: "old" syntax: "proto2" dependency: "sizes.proto"
    message_type { name: "Model"
      field { name: "input" number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: ".old.Size" }
      field { name: "layers" number: 2 label: LABEL_REPEATED type: TYPE_STRING }
      field { name: "side" number: 3 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".old.Side" }
      nested_type { name: "Head" field { name: "classes" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 } } }
    """, descriptor_pb2.FileDescriptorProto())

# What protoc 2 and 3 wrote: each descriptor is made by a call, which protobuf refuses since 4.
GENERATED = """
import sys
_b=sys.version_info[0]<3 and (lambda x:x) or (lambda x:x.encode('latin1'))
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from google.protobuf import reflection as _reflection
{imports}
DESCRIPTOR = _descriptor.FileDescriptor(
  name='{name}', package='old', syntax='proto2', serialized_pb={serialized})
_FIRST = _descriptor.Descriptor(name='First', full_name='old.First', filename=None, file=DESCRIPTOR, containing_type=None,
  fields=[_descriptor.FieldDescriptor(name='width', full_name='old.First.width', index=0, number=1, type=5, cpp_type=1,
    label=1, has_default_value=False, default_value=0, message_type=None, enum_type=None, containing_type=None,
    is_extension=False, extension_scope=None, options=None)],
  extensions=[], nested_types=[], enum_types=[], options=None, is_extendable=False, syntax='proto2', extension_ranges=[])
"""
USE = """
    import json
    from protos import model_pb2, sizes_pb2
    from google.protobuf import text_format
    def network():
        model = text_format.Merge('input {} layers: "conv" layers: "pool" side: LEFT', model_pb2.Model())
        again = model_pb2.Model.FromString(model.SerializeToString())
        return [again.input.width, list(again.layers), again.side == sizes_pb2.LEFT, sizes_pb2.Size.METER,
                model_pb2.Model.Head(classes=3).classes, model_pb2.Model.__module__, isinstance(again.input, sizes_pb2.Size)]
    """


def generated(proto, serialized, imports=""):
    return GENERATED.format(name=proto.name, serialized=serialized, imports=imports)


@pytest.mark.parametrize("form", ["_b({text!r})", "{text!r}", "{data!r}"], ids=["protoc_3", "protoc_2", "protoc_3.12"])
def test_messages_enums_and_dependencies(run, form):
    def serialized(proto):
        data = proto.SerializeToString()
        return form.format(data=data, text=data.decode("latin-1"))

    modules = {"network.py": USE, "protos/__init__.py": "",
               "protos/sizes_pb2.py": generated(SIZES, serialized(SIZES)),
               "protos/model_pb2.py": generated(MODEL, serialized(MODEL), "from protos import sizes_pb2 as sizes__pb2")}
    assert run("import json, network; print(json.dumps(network.network()))", modules) == (
        '[7, ["conv", "pool"], true, 1, 3, "protos.model_pb2", true]')


def test_protobuf_itself_refuses_them(tmp_path):
    (tmp_path / "sizes_pb2.py").write_text(generated(SIZES, repr(SIZES.SerializeToString())))
    done = subprocess.run([sys.executable, "-c", "import sizes_pb2"], cwd=tmp_path, capture_output=True, text=True,
                          check=False)
    assert "Descriptors cannot be created directly" in done.stderr


def test_the_files_name_does_not_matter_and_what_plugins_added_stays(run):
    stub = "try:\n    import no_such_grpc\nexcept ImportError:\n    pass\n\n\nclass SizesStub(object):\n    answer = 42\n"
    modules = {"caffepb.py": generated(SIZES, repr(SIZES.SerializeToString())) + stub}
    assert run("import caffepb; print(caffepb.Size().width, caffepb.SizesStub.answer, hasattr(caffepb, '_FIRST'))",
               modules) == "7 42 False"


def test_two_files_of_one_name(run):
    """As in two folders of a repository, of which one has an older copy."""
    older = descriptor_pb2.FileDescriptorProto()
    older.CopyFrom(SIZES)
    older.message_type[0].field[0].default_value = "5"
    modules = {name: text for folder, sizes in (("new", SIZES), ("old_copy", older)) for name, text in {
        f"{folder}/__init__.py": "", f"{folder}/sizes_pb2.py": generated(sizes, repr(sizes.SerializeToString())),
    }.items()}
    program = """
        from new.sizes_pb2 import Size
        from old_copy import sizes_pb2 as other
        text = other.Size(width=3).SerializeToString()
        print(Size().width, other.Size().width, other.Size.FromString(text).width, other.LEFT, other.Size.METER)
        """
    assert run(program, modules) == "7 5 3 3 1"


def test_other_modules_of_such_names_are_run_as_they_are(run):
    modules = {"plain_pb2.py": "serialized_pb=b''\n# _descriptor.FileDescriptor()\nprint('Module')\n",
               "broken_pb2.py": "serialized_pb=b''; _descriptor.FileDescriptor() = = 3\n"}
    assert run("import plain_pb2", modules) == "Module"
    assert run("try:\n    import broken_pb2\nexcept SyntaxError as error:\n    print(error.lineno)", modules) == "1"
