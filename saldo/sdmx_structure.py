"""The structure of the exported figures, as objects of SDMX's information model.

Data structures, concepts, code lists and dataflows, made from the dimensions of the published file and
written as a structure message of SDMX-ML 2.1 (section 3 of the standard, sdmx.org).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb
import sdmx
from sdmx.message import Header, StructureMessage
from sdmx.model import common, v21
from sdmx.model.internationalstring import InternationalString

from saldo.intake.decode import AGE, PARTNER
from saldo.sdmx_codes import CODE_LISTS, CODES, CONCEPTS, LANGUAGES, Names

AGENCY = "SALDO"
VERSION = "1.0.0"

Role = Literal["dimension", "time", "measure", "attribute"]


@dataclass(frozen=True)
class Component:
    """A component of a data structure, and where its values come from.

    Attributes:
        id: as in CONCEPTS.
        role: what it is in the structure.
        column: of the fact; SQL.
        kind: its code list, or the type of an uncoded value by SDMX's name.
        required: whether it must have a value.
    """

    id: str
    role: Role
    column: str
    kind: str
    required: bool = True


DIMENSIONS = (
    Component("FREQ", "dimension", "freq", "CL_FREQ"),
    Component("INDICATOR", "dimension", "indicator_code", "CL_INDICATOR"),
    Component("REF_AREA", "dimension", "coalesce(area.area, fact.region_code)", "CL_AREA"),
    Component("SPECIALTY", "dimension", "specialty_code", "CL_SPECIALTY"),
    Component("SEX", "dimension", "sex_code", "CL_SEX"),
    Component("AGE", "dimension", "age_code", "CL_AGE"),
    Component("URBANISATION", "dimension", "residence_code", "CL_URBANISATION"),
    Component("COUNTERPART_AREA", "dimension", "partner_code", "CL_COUNTERPART_AREA"),
)
TIME_AND_VALUE = (
    Component("TIME_PERIOD", "time", "time_period", "observationalTimePeriod"),
    Component("OBS_VALUE", "measure", "value", "double", required=False),
)
ATTRIBUTES = (
    Component("OBS_STATUS", "attribute", "obs_status", "CL_OBS_STATUS"),
    Component("UNIT_MEASURE", "attribute", "unit_code", "CL_UNIT_MEASURE"),
    Component("DECIMALS", "attribute", "decimals", "integer", required=False),
    Component("SOURCE", "attribute", "release_id", "CL_RELEASE"),
    Component("COMMENT_OBS", "attribute", "source_ref", "string"),
    Component("CORRECTION", "attribute", "correction_id", "CL_CORRECTION", required=False),
)


@dataclass(frozen=True)
class Flow:
    """A dataflow and its structure: one table of facts.

    Attributes:
        id: of both.
        table: in schema core.
        names: of the dataflow.
        components: in the order of the columns of its message.
    """

    id: str
    table: str
    names: Names
    components: tuple[Component, ...]

    @property
    def file_name(self) -> str:
        return f"{self.id.lower()}.csv"

    @property
    def reference(self) -> str:
        """As STRUCTURE_ID of SDMX-CSV names the dataflow."""
        return f"{AGENCY}:{self.id}({VERSION})"


OBSERVATION = Flow(
    "OBSERVATION",
    "fct_observation",
    Names("Figures as known now", "Действующие значения", "Қолданыстағы мәндер"),
    (
        *DIMENSIONS,
        *TIME_AND_VALUE,
        *ATTRIBUTES,
        Component("SOURCE_SERIES", "attribute", "source_series", "string"),
    ),
)
REVISION = Flow(
    "REVISION",
    "fct_revision",
    Names("Every vintage of every figure", "Все редакции значений", "Мәндердің барлық редакциялары"),
    (
        *DIMENSIONS,
        Component("SOURCE_SERIES", "dimension", "source_series", "string"),
        Component("KNOWN_FROM", "dimension", "known_from", "dateTime"),
        *TIME_AND_VALUE,
        *ATTRIBUTES,
        Component("KNOWN_TO", "attribute", "known_to", "dateTime", required=False),
        Component("RECORDED_AT", "attribute", "recorded_at", "dateTime"),
        Component("SERIES_PREFERENCE", "attribute", "series_preference", "integer"),
    ),
)
FLOWS = (OBSERVATION, REVISION)

# The id of a territory is ISO 3166-2's. South Kazakhstan, abolished before Kazakhstan's codes got digits, has
# none: it is formed like the others, as files in SDMX are read (seeds/reference/region_label.csv).
AREAS = """
    select coalesce(iso_code, 'KZ-' || region_code) as area, *
    from core.dim_region
"""


def make_structure(connection: duckdb.DuckDBPyConnection, flows: Sequence[Flow]) -> StructureMessage:
    """The structure message for these dataflows, from the published file.

    Raises:
        duckdb.Error: the file lacks a table.
    """
    agency = common.Agency(id=AGENCY, name=_string(Names("saldo", "saldo", "saldo")))
    agencies = common.AgencyScheme(
        id="AGENCIES", name=_string(Names("Agencies")), **_maintained(common.Agency(id="SDMX"), "1.0")
    )
    agencies.append(agency)
    sender = common.Agency(id=AGENCY)  # apart: one within a scheme gets a URN, which a header does not allow
    header = Header(id="STRUCTURE", test=False, prepared=_built_at(connection), sender=sender)
    message = StructureMessage(header=header)
    message.organisation_scheme[agencies.id] = agencies
    code_lists = _code_lists(connection, flows, agency)
    message.codelist.update(code_lists)
    concepts = _concept_scheme(agency)
    message.concept_scheme[concepts.id] = concepts
    for flow in flows:
        structure = _data_structure(flow, agency, concepts, code_lists)
        message.structure[structure.id] = structure
        message.dataflow[flow.id] = v21.DataflowDefinition(
            id=flow.id, structure=structure, name=_string(flow.names), **_maintained(agency)
        )
    return message


def to_xml(message: StructureMessage) -> bytes:
    """The message in SDMX-ML 2.1."""
    return bytes(sdmx.to_xml(message, pretty_print=True))


def _built_at(connection: duckdb.DuckDBPyConnection) -> datetime:
    """When the file was built, so that equal files give equal messages."""
    ((built_at,),) = connection.execute("select built_at from core.about").fetchall()
    return datetime.fromisoformat(str(built_at)).replace(tzinfo=UTC)


# --- code lists -----------------------------------------------------------------------------------------

# code, its three names, description, parent, and what becomes annotations
NAMED = "select code, name_en, name_ru, name_kk from core.dim_code where code_list = '{}' order by sort_order"
CODE_QUERIES = {
    "CL_INDICATOR": """
        select indicator_code, name_en, name_ru, name_kk, definition from core.dim_indicator order by 1
    """,
    "CL_AREA": f"""
        select area, name_en, name_ru, name_kk, null, if(area = 'KZ', null, 'KZ'),
            region_code, iso_code, kato_code, valid_from, valid_to
        from ({AREAS}) order by region_code
    """,  # noqa: S608
    "CL_SPECIALTY": """
        select specialty_code, name_en, name_ru, name_kk from core.dim_specialty order by sort_order
    """,
    "CL_SEX": NAMED.format("sex"),
    "CL_AGE": NAMED.format("age"),
    "CL_URBANISATION": NAMED.format("residence"),
    "CL_COUNTERPART_AREA": NAMED.format("partner"),
    "CL_OBS_STATUS": NAMED.format("obs_status"),
    "CL_UNIT_MEASURE": NAMED.format("unit"),
    "CL_RELEASE": """
        select release_id, title, title_ru, title_kk,
            concat_ws('; ', publisher, 'published on ' || published_on, source_url, terms_of_use)
        from core.dim_release order by known_from, release_id
    """,
    "CL_CORRECTION": "select correction_id, reason, null, null, evidence from core.dim_correction order by 1",
}
NOTES = ("region_code", "iso_code", "kato_code", "valid_from", "valid_to")
# Lists to which a release may bring codes that have no name here, by what such a code looks like.
OPEN = {"CL_AGE": ("age_code", AGE), "CL_COUNTERPART_AREA": ("partner_code", PARTNER)}


def _code_lists(
    connection: duckdb.DuckDBPyConnection, flows: Sequence[Flow], agency: common.Agency
) -> dict[str, common.Codelist]:
    lists = {}
    for name, names in CODE_LISTS.items():
        code_list: common.Codelist = common.Codelist(id=name, name=_string(names), **_maintained(agency))
        rows = connection.execute(CODE_QUERIES[name]).fetchall() if name in CODE_QUERIES else []
        for row in rows:
            _add_code(code_list, *row)
        for code, known in CODES.get(name, {}).items():
            if code not in code_list:
                _add_code(code_list, code, *known)
        for code in _brought(connection, flows, name):
            if code not in code_list:
                _add_code(code_list, code, code, None, None)
        lists[name] = code_list
    return lists


def _brought(connection: duckdb.DuckDBPyConnection, flows: Sequence[Flow], name: str) -> list[str]:
    """The codes of an open list that releases brought; what looks like none is for the check to find."""
    if name not in OPEN:
        return []
    column, pattern = OPEN[name]
    used = " union ".join(f"select {column} as code from core.{flow.table}" for flow in flows)  # noqa: S608
    found = connection.execute(f"from ({used}) order by 1").fetchall()
    return [code for (code,) in found if pattern.fullmatch(code)]


def _add_code(
    code_list: common.Codelist,
    code: str,
    name_en: str,
    name_ru: str | None,
    name_kk: str | None,
    description: str | None = None,
    parent: str | None = None,
    *notes: object,
) -> None:
    annotations: list[common.BaseAnnotation] = [
        v21.Annotation(id=kind, type=kind.upper(), title=str(note))
        for kind, note in zip(NOTES, notes, strict=False)
        if note is not None
    ]
    item: common.Code = common.Code(
        id=code, name=_string(Names(name_en, name_ru, name_kk)), annotations=annotations
    )
    if description:
        item.description = description
    if parent:
        item.parent = code_list[parent]
    code_list.append(item)


# --- concepts and data structures -----------------------------------------------------------------------


def _concept_scheme(agency: common.Agency) -> common.ConceptScheme:
    scheme = common.ConceptScheme(
        id="CONCEPTS",
        name=_string(Names("Concepts", "Понятия", "Ұғымдар")),
        **_maintained(agency),
    )
    for key, names in CONCEPTS.items():
        scheme.append(common.Concept(id=key, name=_string(names)))
    return scheme


def _data_structure(
    flow: Flow,
    agency: common.Agency,
    concepts: common.ConceptScheme,
    code_lists: Mapping[str, common.Codelist],
) -> v21.DataStructureDefinition:
    structure = v21.DataStructureDefinition(id=flow.id, name=_string(flow.names), **_maintained(agency))
    for part in (structure.dimensions, structure.measures, structure.attributes):
        part.id = type(part).__name__  # the ids that the schemas of SDMX-ML fix
    for component in flow.components:
        made: common.Component
        if component.role == "measure":
            made = v21.PrimaryMeasure(id=component.id)
            structure.measures.append(made)
        elif component.role == "attribute":
            usage = common.UsageStatus.mandatory if component.required else common.UsageStatus.conditional
            made = common.DataAttribute(
                id=component.id, usage_status=usage, related_to=v21.PrimaryMeasureRelationship()
            )
            structure.attributes.append(made)
        else:
            kind = common.TimeDimension if component.role == "time" else common.Dimension
            made = kind(id=component.id, order=len(structure.dimensions) + 1)
            structure.dimensions.append(made)
        made.concept_identity = concepts[component.id]
        made.local_representation = _representation(component, code_lists)
    return structure


def _representation(component: Component, code_lists: Mapping[str, common.Codelist]) -> common.Representation:
    if component.kind in code_lists:
        return common.Representation(enumerated=code_lists[component.kind])
    facet = common.Facet(value_type=common.FacetValueType[component.kind])
    return common.Representation(non_enumerated=[facet])


def _maintained(agency: common.Agency, version: str = VERSION) -> dict[str, Any]:
    return {"maintainer": agency, "version": version, "is_final": False, "is_external_reference": False}


def _string(names: Names) -> InternationalString:
    said = {language: name for language, name in zip(LANGUAGES, names, strict=True) if name}
    return InternationalString(said)
