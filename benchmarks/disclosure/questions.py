"""Attacks by questions in SQL: each must be refused, whatever it asks in whatever form."""

from collections.abc import Sequence

from benchmarks.disclosure.published import Result
from pipeline.config import Settings
from pipeline.errors import PipelineError
from pipeline.privacy.masking import is_hidden
from pipeline.services.tables import questions
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import column_types

#: Uses of a masked column, and how many of them are tried on every one.
FIRST = 4
MASKED = (
    "select {column} from {table}",
    "select count(distinct {column}) from {table}",
    "select count(*) from {table} where {column} = '1'",
    "select 1 from {table} order by {column}",
    "select t.{column} from {table} as t",
    "select [{column}] from {table}",
    "select count(*) from {table} where {column} between '1' and '2'",
    "select count(*) from {table} group by {column}",
    "select max({column}) over () from {table}",
    "select row_number() over (order by {column}) from {table}",
    "select count(*) from {table} as a join {table} as b on a.{column} = b.{column}",
    "with t as (select * from {table}) select {column} from t",
    "select (select {column} from {table} limit 1)",
    "select sum(case when {column} like '1%' then 1 end) from {table}",
)
#: Ways around the views.
AROUND = (
    "select {column} from main.{table}",
    "select * from main.{table}",
    "select rowid from {table}",
    "select _rowid_ from {table}",
    "select oid from {table}",
    "with {table} as (select {column} from main.{table}) select * from {table}",
    "with recursive {table}(x) as (select {column} from main.{table}) select * from {table}",
    "select * from (select * from main.{table})",
    "select 1 where exists (select {column} from main.{table})",
    "select * from {table} union all select * from main.{table}",
    # what USING and NATURAL compare no authorizer hears of
    "select count(*) from {table} as a join {table} as b using ({column})",
    "with t({column}) as (values ('1')) select count(*) from t join main.{table} using ({column})",
    "with t({column}) as (values ('1')) select count(*) from t natural join main.{table}",
    "with t({column}) as (values ('1')) select {column} from main.{table}/**/join t Using({column})",
    "with t(load_id) as (values ('1')) select count(*) from t join ops_loads using (load_id)",
    "with t(name) as (values ('x')) select count(*) from t natural left join sqlite_master",
    "with t(name) as (values ('x')) select count(*) from t join sqlite_temp_master using (name)",
    "select * from {table} indexed by ix_{table}__{column}",
    "select * from sqlite_master",
    "select * from sqlite_schema",
    "select * from sqlite_temp_master",
    "select * from temp.sqlite_schema",
    "select name from pragma_table_list",
    "select * from pragma_table_info('{table}')",
    "select * from ops_loads",
    "select sha256 from main.ops_loads",
    "select count(*) from OPS_LOADS",
    "select * from hidden_npi_cpt",
    "select * from temp.hidden_npi_cpt",
    "select * from json_each('[1]')",
    "select * from sqlite_dbpage",
    "select * from dbstat",
    "select * from bytecode('select 1')",
    "select load_extension('x')",
    "select readfile('/etc/hostname')",
    "select writefile('x', 'y')",
    "select edit('x')",
    "select randomblob(1000000000)",
    "select zeroblob(1000000000)",
    "select \"mask_{table}_0\"('1')",
    "select \"mask_{table}_1\"('1') from {table}",
    "select shape_of_cell('1')",
    "select list_or_shape('1')",
    "select sqlite_source_id()",
    "select sqlite_compileoption_get(1)",
    "explain select * from {table}",
    "explain query plan select * from {table}",
    "pragma table_list",
    "pragma writable_schema = 1",
    "attach database 'x' as y",
    "vacuum into 'x'",
    "begin",
    "delete from {table}",
    "with t as (select 1) delete from {table}",
    "with t as (select 1) insert into {table} select * from t",
    "select 1; delete from {table}",
    "create temporary table taken as select * from main.{table}",
    "create trigger t after insert on {table} begin select 1; end",
    "/* */ -- x\n delete from {table}",
    "values (1) union select {column} from main.{table}",
)


def forbidden(table: str, column: str) -> list[str]:
    """Statements about a masked column of a table, each of which must be refused."""
    return [each.format(table=table, column=column) for each in (*MASKED, *AROUND)]


def asked(settings: Settings, tables: Sequence[str]) -> Result:
    """The first uses of every masked column, and of one column of each silver table every
    statement: how many are answered.
    """
    tried = answered = 0
    where = ""
    for table in tables:
        with open_warehouse(settings) as connection:
            columns = [name for name in column_types(connection, table) if is_hidden(table, name)]
        for number, column in enumerate(columns):
            is_tried_in_full = table.startswith("std_") and not number
            statements = forbidden(table, column)
            for statement in statements if is_tried_in_full else statements[:FIRST]:
                tried += 1
                try:
                    questions.ask(settings, statement)
                except PipelineError:
                    continue
                answered += 1
                where = where or statement
    return Result("questions in SQL about masked columns", answered, tried, where)
