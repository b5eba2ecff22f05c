-- Data-modifying statements in WITH.
create table mc_a (id int primary key, v text);
create table mc_b (id int primary key, v text, at int default 7);
insert into mc_a values (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four');
with moved as (delete from mc_a where id > 2 returning *) insert into mc_b (id, v) select * from moved;
select * from mc_a order by id;
select * from mc_b order by id;
with i as (insert into mc_a values (5, 'five') returning id, v) select * from i;
-- One snapshot: nobody sees the others' effects.
with i as (insert into mc_a values (6, 'six') returning id) select count(*) from mc_a, i;
with d as (delete from mc_a returning id) select (select count(*) from mc_a), count(*) from d;
select count(*) from mc_a;
insert into mc_a select g, 'v' || g from generate_series(1, 10) g;
with u as (update mc_a set v = v || '!' where id <= 3 returning *) select u.v, mc_a.v from u join mc_a using (id) order by id;
with u as (update mc_a set v = 'changed' where id = 1 returning id) select v from mc_a where id = (select id from u);
select v from mc_a where id = 1;
-- Run to completion, read or not.
with d as (delete from mc_a where id > 8 returning id) select id from d order by id limit 1;
select count(*) from mc_a;
with d as (delete from mc_a where id = 8) select 1 as one;
select count(*) from mc_a;
with a as (insert into mc_a values (20, 'a')), b as (insert into mc_a values (21, 'b')) select 'none read' as x;
select * from mc_a where id >= 20 order by id;
-- Several, each from the one before.
with a as (insert into mc_a values (30, 'x'), (31, 'y') returning id),
  b as (insert into mc_b (id, v) select id, 'from a' from a returning id, at),
  c as (update mc_b set at = at + 1 where v = 'four' returning id)
select 'b' as which, id, at from b union all select 'c', id, null from c order by 1, 2;
select * from mc_b order by id;
-- Read twice.
with u as (update mc_b set at = at * 2 returning id, at) select (select sum(at) from u) as total, count(*) from u where at > 15;
-- Column names, a plain item between, upsert.
with w (n, m) as (values (30, 'upserted'), (40, 'inserted')),
  up (key, value) as (insert into mc_b (id, v) select * from w on conflict (id) do update set v = excluded.v returning id, v)
select key, value from up order by key;
-- Around UPDATE and DELETE.
with gone as (delete from mc_b where id = 40 returning id) update mc_b set v = 'updated' from gone where mc_b.id = gone.id - 10 returning mc_b.id, v;
with up as (update mc_b set at = 100 where id = 31 returning id), d as (delete from mc_b using up where mc_b.id < up.id and mc_b.id > 3 returning mc_b.id) select id from d order by id;
with up as (update mc_a set v = v) delete from mc_b where id = -1;
select * from mc_b order by id;
-- Foreign keys are looked at when everything is done.
create table mc_parent (id int primary key);
create table mc_child (id int primary key, parent int references mc_parent);
with p as (insert into mc_parent values (1) returning id) insert into mc_child select 10, id from p;
with p as (insert into mc_parent values (2)) insert into mc_child values (20, 2);
with c as (insert into mc_child values (30, 3)) insert into mc_parent values (3);
with c as (delete from mc_child where parent = 1) delete from mc_parent where id = 1;
with p as (delete from mc_parent where id = 2) delete from mc_child where parent = 2;
with p as (insert into mc_parent values (50)) insert into mc_child values (51, 51);
with c as (delete from mc_child where id = 999) delete from mc_parent where id = 3;
select * from mc_parent order by id;
select * from mc_child order by id;
-- A row is changed once.
with a as (update mc_a set v = 'first' where id = 1 returning id) update mc_a set v = 'main' where id = 1;
select v from mc_a where id = 1;
-- Errors undo all.
with a as (insert into mc_a values (100, 'gone')) insert into mc_b (id) values (31);
select count(*) from mc_a where id = 100;
with a as (insert into mc_a values (100, 'x')) select * from a;
select * from (with a as (delete from mc_a returning *) select * from a) s;
insert into mc_b (id) with a as (delete from mc_a returning id) select id from a;
create view mc_view as with a as (delete from mc_a returning id) select id from a;
begin;
declare c cursor for with a as (delete from mc_a returning id) select id from a;
rollback;
begin read only;
with a as (delete from mc_a returning id) select id from a;
rollback;
with recursive a as (delete from mc_a where id in (select id from a) returning id) select id from a;
-- Recursion before a change.
with recursive n(i) as (select 200 union all select i + 1 from n where i < 203) insert into mc_a select i, 'rec' from n returning id;
with recursive n(i) as (select 200 union all select i + 1 from n where i < 203), d as (delete from mc_a using n where id = i returning id) select sum(id) from d;
-- In the other places.
create table mc_made as with d as (delete from mc_a where id = 20 returning *) select * from d;
copy (with d as (delete from mc_a where id = 21 returning *) select * from d) to stdout;
prepare mc_p (int) as with i as (insert into mc_a values ($1, 'prepared') returning *) select * from i;
execute mc_p (300);
execute mc_p (301);
deallocate mc_p;
with d as (delete from mc_a where id >= 300 returning id) select array_agg(id order by id) from d;
with x as (insert into mc_a values (400, default) returning 'literal' as l, id) select l || '!', id from x;
drop table mc_a, mc_b, mc_child, mc_parent, mc_made;
