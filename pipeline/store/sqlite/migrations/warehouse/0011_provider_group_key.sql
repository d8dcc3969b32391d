-- an order of the provider groups that nobody can compute from public NPIs

create table ops_provider_group_key (addend_1 integer not null, addend_2 integer not null, addend_3 integer not null, addend_4 integer not null);

insert into ops_provider_group_key values (abs(random() % 2147483647), abs(random() % 2147483647), abs(random() % 2147483647), abs(random() % 2147483647));

drop view if exists training_provider_cell_latest;

drop table if exists training_provider_cell;
