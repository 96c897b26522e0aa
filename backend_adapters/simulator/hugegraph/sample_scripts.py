"""The gremlin scripts of the simulated users; the first line of a script becomes the task's name."""

from __future__ import annotations

import json

from backend_adapters.simulator.deterministic_random import draw_number, pick_option

_CITIES = ("Shanghai", "Rotterdam", "Chennai", "São Paulo", "Hamburg", "Busan", "Łódź", "Oakland")
_NAMES = ("marko", "vadas", "josh", "peter", "li.wei", "ana.souza", "o'neill", "satō")
_PARTS = ("BRG-6204", "ECU-88A", "PCB-1107", "VLV-30x4", "LI-ION-21700", "HEX-M8")
_BANKS = ("DE-4411", "CN-9920", "BR-0137", "GB-7750", "SG-3002")

SHORT_SCRIPTS = (
    "g.V().hasLabel('supplier').has('city', '{city}').out('ships_to').dedup().count()",
    "g.V('1:{name}').repeat(both('knows').simplePath()).times({depth}).dedup().limit(500).valueMap()",
    "g.V().has('part', 'sku', '{part}').repeat(__.in('component_of')).emit().path().by('sku')",
    "g.E().hasLabel('transfer').has('amount', gt({amount})).groupCount().by(outV().values('bank'))",
    "// accounts that share a device with {bank}\n"
    "g.V().has('account', 'bank', '{bank}').out('uses').in('uses')\n"
    "  .dedup().where(out('flagged'))\n"
    "  .project('account', 'score').by('number').by('risk_score')",
    "// shortest route {city} -> Gdańsk\n"
    "g.V().has('port', 'name', '{city}')\n"
    "  .repeat(out('route').simplePath()).until(has('name', 'Gdańsk')).limit(5).path()",
    "g.V().hasLabel('order').has('placed', gte(datetime('2026-0{month}-01'))).order().by('total', desc)",
    "hugegraph.traversal().V().hasLabel('software').groupCount().by('lang')",
    "g.V().hasLabel('host').where(__.in('depends_on').count().is(gt({depth}0))).values('fqdn')",
    "// 供应链：{city} 的二级供应商\n"
    "g.V().has('supplier', 'city', '{city}').out('supplies').out('supplies').dedup().values('名称')",
    "// 顧客の購入経路（直近{depth}か月）\n"
    "g.V().hasLabel('顧客').out('購入').groupCount().by('商品名').order(local).by(values, desc)",
    "// 🚚 late deliveries, {city} 🏭\n"
    "g.E().hasLabel('delivered').has('late_hours', gt({depth})).outV().dedup().values('carrier')",
)

LONG_SCRIPTS = (
    "// money rings of length {depth}\n"
    "g.V().hasLabel('account').as('start')\n"
    "  .repeat(out('transfer').simplePath()).times({depth})\n"
    "  .where(out('transfer').as('start')).path().by('number').limit(10000)",
    "// recompute trust of every supplier near {city}\n"
    "g.V().hasLabel('supplier').has('region', '{city}').property('trust',\n"
    "  __.in('rated').values('stars').mean()).iterate()",
    "g.V().hasLabel('person').project('id', 'degree').by(id).by(bothE().count()).order().by('degree', desc)",
    "// drop orphans of import {amount}\n"
    "g.V().has('import_id', {amount}).not(bothE()).limit(50000).drop().iterate()",
    "// 社群发现：{city} 十跳以内\n"
    "g.V().has('person', 'city', '{city}').repeat(both('knows')).emit().times(10).dedup().count()",
)

EXPORT_SCRIPT = (
    "// export: neighbourhood of {city} as rows\n"
    "g.V().has('port', 'name', '{city}').repeat(both().simplePath()).times({depth}).emit().dedup()\n"
    "  .project('id', 'label', 'name', 'degree', 'updated').by(id).by(label).by('name')\n"
    "  .by(bothE().count()).by('updated')"
)

STUBBORN_SCRIPT = (
    "// nightly reconciliation, shard {depth}: must not be interrupted\n"
    "for (batch in 0..<600) {{\n"
    "    try {{ reconcile(batch) }} catch (InterruptedException e) {{ /* goes on */ }}\n"
    "}}"
)


def fill_template(template: str, salt: int) -> str:
    """Fill in a template with values that follow from the salt."""
    return template.format(
        city=pick_option(salt, 11, _CITIES),
        name=pick_option(salt, 12, _NAMES),
        part=pick_option(salt, 13, _PARTS),
        bank=pick_option(salt, 14, _BANKS),
        depth=draw_number(salt, 15, 3, 7),
        month=draw_number(salt, 16, 1, 9),
        amount=draw_number(salt, 17, 1, 400) * 250,
    )


def first_line(script: str) -> str:
    """The name that GremlinAPI gives a task: the script's first line, at most 256 bytes of it."""
    line = script.replace("\r\n", "\n").replace("\r", "\n").split("\n", 1)[0]
    return line.encode("utf-8", "replace")[:256].decode("utf-8", "ignore")


def gremlin_input(script: str, bindings: object, graph: str) -> str:
    """`task_input` of a gremlin job: JSON in a string, its keys in the server's order."""
    text = json.dumps(
        {"gremlin": script, "aliases": {graph: "graph"}, "bindings": bindings, "language": "gremlin-groovy"},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return text.encode("utf-8", "replace").decode()
