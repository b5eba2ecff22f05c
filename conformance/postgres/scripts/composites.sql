-- Composite types.
create type cp_pair as (a int, b text);
create type cp_outer as (id numeric(6,2), p cp_pair, note varchar(3));
create type cp_pair as (a int);
create type cp_bad as (a int, a text);
create table cp_t (k int primary key, p cp_pair, o cp_outer);
insert into cp_t values (1, row(1, 'one'), row(1.234, row(2, 'in'), 'abc'));
insert into cp_t values (2, '(2,"two, three")', '(3,"(4,""x y"")",)');
insert into cp_t values (3, null, null), (4, (null, null), row(null, null, null)), (5, row('5', null), null);
insert into cp_t values (6, row(1), null);
insert into cp_t values (6, row(1, 'a', 2), null);
insert into cp_t values (6, 7, null);
insert into cp_t values (6, '(1', null);
insert into cp_t values (6, '(1)', null);
insert into cp_t values (6, '(1,2,3)', null);
insert into cp_t values (6, '1,2', null);
insert into cp_t values (6, '(x,2)', null);
insert into cp_t values (6, '(1,2) x', null);
insert into cp_t values (6, row(1, 'x'), row(1, row(1, 'a'), 'toolong'));
select * from cp_t order by k;
select k, (p).a, (p).b, (o).p, ((o).p).b, (o).note from cp_t order by k;
select k, (p).* from cp_t where k < 3 order by k;
select (cp_t.p).a from cp_t where (p).a > 1 order by 1;
select (p).missing from cp_t;
select (k).a from cp_t;
select k, p is null, p is not null, o is null from cp_t order by k;
select row(1, 'x')::cp_pair, ('(7,seven)'::cp_pair).b, (row(1, 'y')::cp_pair).a + 1;
select (1, 'x')::cp_pair = (1, 'x')::cp_pair, (1, 'x')::cp_pair < (1, 'y')::cp_pair, (2, null)::cp_pair > (1, 'z')::cp_pair;
select k from cp_t where p = row(1, 'one')::cp_pair;
select k from cp_t where p = '(2,"two, three")'::cp_pair;
select k from cp_t where p is distinct from row(1, 'one')::cp_pair order by k;
select p from cp_t order by p desc, k;
select distinct p from cp_t order by p;
select p, count(*) from cp_t group by p order by p;
update cp_t set p = row((p).a + 10, 'up') where k = 1 returning p;
update cp_t set o = row(1, p, 'n') where k = 2 returning o, (o).id;
select p::text, pg_typeof(p) from cp_t where k = 1;
select null::cp_pair, (null::cp_pair).a;
select '("a ""b",")")'::text;
select row('a "b', '\')::text, '("",)'::cp_pair;
select '(1,"\"\\")'::cp_pair;
select array_agg(a) from (select (p).a from cp_t where p is not null order by k) s;
select coalesce(p, row(0, 'none')::cp_pair) from cp_t where k in (1, 3) order by k;
select case when k = 1 then p else row(9, 'n')::cp_pair end from cp_t where k < 3 order by k;
select x.p, (x.p).b from (select p from cp_t where k = 1) x;
with w as (select p from cp_t where k = 1) select (p).a from w;
prepare cp_q (cp_pair) as select ($1).a, $1;
execute cp_q (row(3, 'three'));
execute cp_q ('(4,four)');
deallocate cp_q;
copy cp_t (k, p) from stdin;
20	(20,"co py")
21	\N
\.
select k, p from cp_t where k >= 20 order by k;
copy (select k, p from cp_t where k >= 20 order by k) to stdout;
copy (select p from cp_t where k >= 20 order by k) to stdout csv;
\dT cp_*
\d cp_pair
select attname, format_type(atttypid, atttypmod) from pg_attribute a join pg_type t on t.typrelid = a.attrelid where t.typname = 'cp_outer' order by attnum;
select typname, typtype, typcategory from pg_type where typname in ('cp_pair', 'cp_outer') order by 1;
-- Rows of tables.
create table cp_rows (x int, y text);
insert into cp_rows values (1, 'a'), (2, 'b');
select row(5, 'e')::cp_rows, ('(6,f)'::cp_rows).y, null::cp_rows;
select cp_rows from cp_rows order by x;
drop type cp_pair;
drop table cp_t;
drop type cp_pair;
drop type cp_outer;
drop type cp_pair;
select '(1,2)'::cp_pair;
drop table cp_rows;
