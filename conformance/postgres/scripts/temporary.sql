-- Temporary tables: private, shadowing, gone at the end.
create table tt_perm (a int primary key, b text);
insert into tt_perm values (1, 'permanent');
create temp table tt_perm (x text);
select * from tt_perm;
insert into tt_perm values ('temporary');
select * from tt_perm;
select * from public.tt_perm;
select * from pg_temp.tt_perm;
drop table tt_perm;
select * from tt_perm;
-- All that tables have.
create temporary table tt_items (id serial primary key, name text unique not null, n int check (n > 0));
insert into tt_items (name, n) values ('a', 1), ('b', 2) returning *;
insert into tt_items (name, n) values ('a', 1);
insert into tt_items (name, n) values ('c', 0);
create index on tt_items (n);
alter table tt_items add column extra text default 'x';
update tt_items set n = n + 10 where name = 'b' returning *;
select relname, relpersistence, relkind from pg_class where relname like 'tt_items%' order by 1;
select table_name, table_type from information_schema.tables where table_name = 'tt_items';
select pg_my_temp_schema() <> 0, pg_is_other_temp_schema(pg_my_temp_schema());
select current_schema(), array_length(current_schemas(true), 1), current_schemas(false);
-- Rolled back.
begin;
create temp table tt_rolled (a int);
insert into tt_rolled values (1);
rollback;
select * from tt_rolled;
-- ON COMMIT.
create temp table tt_delete (a int) on commit delete rows;
insert into tt_delete values (1);
select * from tt_delete;
begin;
insert into tt_delete values (1), (2);
select count(*) from tt_delete;
commit;
select count(*) from tt_delete;
begin;
create temp table tt_drop (a int) on commit drop;
insert into tt_drop values (1);
select * from tt_drop;
commit;
select * from tt_drop;
create temp table tt_preserve (a int) on commit preserve rows;
insert into tt_preserve values (1);
select * from tt_preserve;
create table tt_wrong (a int) on commit drop;
-- AS and INTO.
create temp table tt_as as select 1 as a, 'x' as b;
select * from tt_as;
create temp table tt_as2 (p, q) on commit delete rows as select 1, 2;
select * from tt_as2;
select a, b into temp tt_into from tt_perm;
select * from tt_into;
select 1 as a into tt_into_perm union all select 2;
select * from tt_into_perm order by a;
drop table tt_into_perm;
create temp table if not exists tt_as (z int);
select (select 1 into x);
-- Names.
create temp table public.tt_x (a int);
create table pg_temp.tt_named (a int);
select * from tt_named;
select * from pg_temp_99999.tt_x;
create temp view tt_view as select * from tt_perm;
select * from tt_view;
create view tt_view2 as select * from tt_as;
select table_name, table_type from information_schema.tables where table_name like 'tt_view%' order by 1;
create temp sequence tt_seq;
select nextval('tt_seq'), nextval('pg_temp.tt_seq');
create table tt_child (a int references tt_items (id));
create temp table tt_child (a int references tt_perm (a));
create temp table tt_child (a int references tt_items (id) on delete cascade);
insert into tt_child values (1), (9);
insert into tt_child values (1);
delete from tt_items where id = 1;
select * from tt_child;
alter table tt_child set schema public;
copy tt_child from stdin;
2
\.
select * from tt_child;
truncate tt_child;
select * from tt_child;
-- The path.
set search_path = public, pg_temp;
create temp table tt_perm (x text);
select * from tt_perm;
reset search_path;
select * from tt_perm;
-- DISCARD.
discard temp;
select * from tt_items;
select * from tt_perm;
create temp table tt_again (a int);
\c
select * from tt_again;
create temp table tt_again (a int, b int);
select * from tt_again;
drop table tt_perm;
create temp table tt_dropped (a int);
drop table pg_temp.tt_dropped;
select * from tt_dropped;
