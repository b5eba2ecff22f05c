-- Arrays of enums.
create type ea_mood as enum ('sad', 'ok', 'glad');
create table ea_t (id int primary key, ms ea_mood[], d ea_mood[] not null default '{ok}');
insert into ea_t values (1, '{sad,glad}'), (2, array['ok', null]::ea_mood[]), (3, null, '{}');
insert into ea_t values (4, array['ok'::ea_mood, 'sad'], '{glad}');
insert into ea_t values (5, '{angry}');
insert into ea_t values (5, 'sad');
select * from ea_t order by id;
select id, ms[1], ms[1] = 'sad', array_length(ms, 1) from ea_t order by id;
select id from ea_t where 'glad' = any(ms) order by id;
select id from ea_t where 'ok'::ea_mood = any(d) order by id;
select id from ea_t where ms = '{sad,glad}';
select id from ea_t where ms @> '{sad}' order by id;
select id from ea_t where ms = array['sad', 'glad']::ea_mood[];
select id, unnest(ms)::text from ea_t where id < 3 order by id, 2;
update ea_t set ms = array_append(ms, 'ok') where id = 1 returning ms;
update ea_t set ms = d where id = 3 returning ms;
select pg_typeof(ms), format_type(atttypid, atttypmod) from ea_t, pg_attribute where attrelid = 'ea_t'::regclass and attname = 'ms' and id = 1;
copy ea_t (id, ms) from stdin;
10	{sad,ok}
11	{happy}
\.
copy ea_t (id, ms) from stdin;
10	{sad,ok}
\.
copy (select id, ms from ea_t order by id) to stdout;
select ms::text from ea_t where id = 10;
prepare ea_p (ea_mood[]) as select $1, 'sad' = any($1);
execute ea_p ('{sad}');
execute ea_p (array['ok']::ea_mood[]);
deallocate ea_p;
select distinct ms from ea_t where id in (1, 10);
select coalesce(ms, '{glad}') from ea_t where id = 2;
drop table ea_t;
drop type ea_mood;
-- Prepared statements hear of changes of a type; comparisons find labels by an index.
create type ea_mood as enum ('z', 'm', 'a');
create table ea_e (id int primary key, m ea_mood);
create index on ea_e (m);
insert into ea_e select g, (array['z', 'm', 'a'])[g % 3 + 1]::ea_mood from generate_series(1, 30) g;
insert into ea_e values (100, null);
prepare ea_q as select m, count(*) from ea_e where m > 'z' group by m order by m;
execute ea_q;
prepare ea_r (ea_mood) as select count(*) from ea_e where m >= $1;
execute ea_r ('m');
alter type ea_mood add value 'n' after 'z';
insert into ea_e values (101, 'n');
execute ea_q;
execute ea_r ('n');
deallocate all;
select count(*) from ea_e where m < 'z';
select count(*) from ea_e where not m < 'm';
select count(*) from ea_e where m <= 'z' or m is null;
select count(*) from ea_e where 'm' > m;
select count(*) from ea_e where m > null;
select count(*) from ea_e where m < 'nope';
drop table ea_e;
drop type ea_mood;
