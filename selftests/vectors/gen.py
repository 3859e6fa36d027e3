#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turn a file of test vectors (JSON) into C that userspace and kernel compile.

usage: gen.py FILE.json OUTDIR

writes OUTDIR/vec_FILE.h and OUTDIR/vec_FILE.c ('-' becomes '_'). The C has the
shape of the JSON; one constant, vec_FILE, holds all:

  object                  a struct with a member for each key
  list                    member `x` points to the elements, `n_x` counts them
  object with keys 1, 2   a list of structs with members `key` and `value`
  hex string, PEM, cert   struct dmk_span (of core/crypto.h); PEM and the
                          base64 of `cert` as DER
  other string            const char *
  number                  s64; in thousandths where one of its place has a fraction
  true, false             bool; where some elements lack it, `has_x` says who has

What a JSON element lacks is zero in C: a span's data is NULL, a list has no
elements. An empty hex string has data and length 0.
"""
import base64
import json
import pathlib
import re
import sys

HEX = re.compile(r'([0-9a-f]{2})*\Z')
PEM = re.compile(r'\s*-----BEGIN [A-Z ]+-----(.*?)-----END', re.S)
KEYWORDS = {'auto', 'char', 'const', 'double', 'float', 'int', 'long', 'short',
            'signed', 'static', 'struct', 'union', 'unsigned', 'void', 'register'}


def ident(text):
    name = re.sub(r'\W', '_', text)
    return name + '_' if name in KEYWORDS or name[0].isdigit() else name


def numbered(value):
    return isinstance(value, dict) and value and all(k.isdigit() for k in value)


def elements(value):
    """The elements of a list, or of an object with numbers for keys."""
    if numbered(value):
        return [{'key': int(k), 'value': v} for k, v in value.items()]
    return value if isinstance(value, list) else [value]


class Shape:
    """What stands at one path of the JSON, over all elements of the lists."""

    def __init__(self, path):
        self.path = path
        self.values = []
        self.members = {}
        self.element = None
        self.optional = False

    def see(self, value):
        if value is None:
            return
        self.values.append(value)

    def settle(self):
        """Decide on the C type once all values are known."""
        vals = self.values
        if not vals:
            self.kind = 'none'
        elif any(isinstance(v, list) or numbered(v) for v in vals):
            self.kind = 'list'
            self.element = Shape(self.path)
            for v in vals:
                for e in elements(v):
                    self.element.see(e)
            self.element.settle()
        elif any(isinstance(v, dict) for v in vals):
            self.kind = 'struct'
            for v in vals:
                for key, member in v.items():
                    self.members.setdefault(key, Shape(f'{self.path}_{ident(key)}')).see(member)
            for key, shape in self.members.items():
                shape.settle()
                shape.optional = shape.kind == 'bool' and len(shape.values) < len(vals)
        elif any(isinstance(v, str) for v in vals):
            self.kind = self.settle_text()
        elif all(isinstance(v, bool) for v in vals):
            self.kind = 'bool'
        else:
            self.kind = 'number'
            self.unit = 1000 if any(v != int(v) for v in vals) else 1
        return self

    def settle_text(self):
        if any(not isinstance(v, str) for v in self.values):
            sys.exit(f'{self.path}: a string here, something else there')
        if all(HEX.match(v) for v in self.values):
            return 'hex'
        if all(PEM.match(v) for v in self.values):
            return 'pem'
        return 'base64' if self.path.endswith('_cert') else 'text'

    def ctype(self):
        return {'hex': 'struct dmk_span', 'pem': 'struct dmk_span',
                'base64': 'struct dmk_span', 'text': 'const char *',
                'number': 's64', 'bool': 'bool',
                'struct': f'struct {self.path}',
                'list': f'struct {self.path}_list'}[self.kind]

    def constant(self):
        ctype = self.ctype()
        return f'{ctype}const' if ctype.endswith('*') else f'const {ctype}'

    def declare(self, out):
        """Append the declarations of this shape's structs, innermost first."""
        if self.kind == 'list':
            self.element.declare(out)
            if self.element.kind == 'list':
                out.append(self.list_struct())
        elif self.kind == 'struct':
            for m in self.members.values():
                m.declare(out)
            lines = [f'\t{line}' for k, m in self.members.items() for line in m.member(ident(k))]
            out.append('struct %s {\n%s\n};\n' % (self.path, '\n'.join(lines)))

    def list_struct(self):
        lines = '\n'.join(f'\t{line}' for line in self.element.member('v'))
        return 'struct %s_list {\n%s\n};\n' % (self.path, lines)

    def member(self, name):
        if self.kind == 'none':
            return []
        if self.kind == 'list':
            if self.element.kind == 'none':
                return [f'unsigned int n_{name};']
            return [f'{self.element.constant()} *{name};', f'unsigned int n_{name};']
        ctype = self.ctype()
        if self.optional:
            return [f'bool {name};', f'bool has_{name};']
        return [f'{ctype}{name};' if ctype.endswith('*') else f'{ctype} {name};']


class Writer:
    """Collects constants; equal octet strings are written once."""

    def __init__(self):
        self.out = []
        self.known = {}

    def octets(self, data):
        if data not in self.known:
            name = f'b{len(self.known)}'
            self.known[data] = name
            size = max(len(data), 1)
            text = ''.join(f'\\{b:03o}' for b in data)
            parts = '\n\t'.join(f'"{text[i:i + 80]}"' for i in range(0, max(len(text), 1), 80))
            self.out.append(f'static const u8 {name}[{size}] =\n\t{parts};\n')
        return f'{{ .data = {self.known[data]}, .len = {len(data)} }}'

    def value(self, shape, value):
        if shape.kind == 'hex':
            return self.octets(bytes.fromhex(value))
        if shape.kind == 'pem':
            return self.octets(base64.b64decode(PEM.match(value).group(1)))
        if shape.kind == 'base64':
            return self.octets(base64.b64decode(value))
        if shape.kind == 'text':
            return json.dumps(value, ensure_ascii=True)
        if shape.kind == 'bool':
            return 'true' if value else 'false'
        if shape.kind == 'number':
            return f'{round(value * shape.unit)}'
        return '{ %s }' % ', '.join(self.fields(shape, value))

    def fields(self, shape, value):
        for key, member in shape.members.items():
            if value.get(key) is None or member.kind == 'none':
                continue
            yield from self.assign(member, ident(key), value[key])

    def assign(self, shape, name, value):
        if shape.optional:
            return [f'.{name} = {self.value(shape, value)}', f'.has_{name} = true']
        if shape.kind != 'list':
            return [f'.{name} = {self.value(shape, value)}']
        items = elements(value)
        if not items:
            return [f'.n_{name} = 0']
        return [f'.{name} = {self.array(shape, items)}', f'.n_{name} = {len(items)}']

    def array(self, shape, items):
        element = shape.element
        if element.kind == 'list':
            values = ['{ %s }' % ', '.join(self.assign(element, 'v', i)) for i in items]
        else:
            values = [self.value(element, i) for i in items]
        name = f'a{len(self.out)}'
        body = ',\n\t'.join(values)
        self.out.append(f'static {element.constant()} {name}[] = {{\n\t{body}\n}};\n')
        return name


def main():
    source, outdir = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    name = 'vec_' + ident(source.stem)
    data = json.loads(source.read_text())
    if isinstance(data, list):
        data = {'vectors': data}
    shape = Shape(name)
    shape.see(data)
    shape.settle()
    declarations, writer = [], Writer()
    shape.declare(declarations)
    root = writer.value(shape, data)
    guard = name.upper() + '_H'
    outdir.mkdir(parents=True, exist_ok=True)
    (outdir / f'{name}.h').write_text(
        '/* made by selftests/vectors/gen.py */\n'
        f'#ifndef {guard}\n#define {guard}\n\n#include "crypto.h"\n\n'
        + '\n'.join(declarations) + f'\nextern const struct {name} {name};\n\n#endif\n')
    (outdir / f'{name}.c').write_text(
        f'/* made by selftests/vectors/gen.py */\n#include "{name}.h"\n\n'
        + '\n'.join(writer.out) + f'\nconst struct {name} {name} = {root};\n')


if __name__ == '__main__':
    main()
