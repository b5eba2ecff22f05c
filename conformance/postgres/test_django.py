"""Django 5.2: migrations of its own applications and of one that changes, and the ORM. The project is
made in a temporary directory; each step is a process of its own, as a user would run it."""

import os
import subprocess
import sys
import textwrap

import pytest

from conftest import DATABASE, HOST, PORT, USER, connect

SCHEMA = "django_conformance"

SETTINGS = """
    SECRET_KEY = "x"
    INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
        "django.contrib.sessions", "django.contrib.messages", "library"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "%s", "USER": "%s",
        "HOST": "%s", "PORT": "%s", "OPTIONS": {"options": "-c search_path=%s"}}}
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    USE_TZ = True
    TIME_ZONE = "UTC"
    SILENCED_SYSTEM_CHECKS = [f"admin.E{n}" for n in range(400, 420)] + ["admin.W411"]
""" % (DATABASE, USER, HOST, PORT, SCHEMA)

FIRST = """
    from django.db import models

    class Author(models.Model):
        name = models.CharField(max_length=50, unique=True)
        born = models.DateField(null=True)

    class Book(models.Model):
        title = models.CharField(max_length=80, db_index=True)
        pages = models.IntegerField(default=0)
        authors = models.ManyToManyField(Author, related_name="books")
        meta = models.JSONField(default=dict)
        at = models.DateTimeField(auto_now_add=True)

        class Meta:
            unique_together = [("title", "pages")]
"""

SECOND = """
    from django.db import models

    class Author(models.Model):
        name = models.CharField(max_length=100, unique=True)
        birthday = models.DateField(null=True)
        score = models.DecimalField(max_digits=8, decimal_places=2, default=1)

        class Meta:
            constraints = [models.CheckConstraint(condition=models.Q(score__gte=0), name="score_ge_0")]

    class Publisher(models.Model):
        name = models.CharField(max_length=20, primary_key=True)

    class Book(models.Model):
        title = models.TextField()
        pages = models.BigIntegerField(default=0)
        authors = models.ManyToManyField(Author, related_name="books")
        meta = models.JSONField(default=dict)
        at = models.DateTimeField(auto_now_add=True)
        publisher = models.ForeignKey(Publisher, null=True, on_delete=models.CASCADE)

        class Meta:
            indexes = [models.Index(fields=["-pages"], name="by_pages")]
            constraints = [
                models.UniqueConstraint(fields=["title"], condition=models.Q(pages__gt=0),
                    name="one_title")]
"""

QUERIES = """
    import datetime, decimal
    from django.db import connection, transaction, IntegrityError
    from django.db.models import *
    from django.db.models.functions import *
    from django.contrib.auth.models import User
    from library.models import *

    User.objects.create_superuser("root", "root@example.org", "secret")
    assert User.objects.get(username="root").check_password("secret")

    authors = Author.objects.bulk_create([Author(name=f"a{n}", score=n) for n in range(30)])
    assert all(author.pk for author in authors)
    Author.objects.bulk_create([Author(name="a0"), Author(name="new")], ignore_conflicts=True)
    assert Author.objects.count() == 31
    Author.objects.bulk_create([Author(name="a0", score=99)], update_conflicts=True,
        unique_fields=["name"], update_fields=["score"])
    assert Author.objects.get(name="a0").score == 99
    for author in authors: author.birthday = datetime.date(1990, 1, 1 + author.pk % 28)
    assert Author.objects.bulk_update(authors, ["birthday"]) == 30

    house = Publisher.objects.create(name="house")
    for n in range(10):
        book = Book.objects.create(title=f"t{n}", pages=n * 100, publisher=house if n % 2 else None,
            meta={"n": n, "tags": ["x"] * n, "deep": {"k": str(n)}})
        book.authors.set(authors[: n + 1])
    assert Book.objects.filter(authors__name="a3").count() == 7
    rows = Author.objects.annotate(n=Count("books"), pages=Sum("books__pages")).order_by("-n", "name")
    assert (rows[0].name, rows[0].n, rows[0].pages) == ("a0", 10, 4500), vars(rows[0])
    assert Book.objects.aggregate(Avg("pages"), Max("pages")) == {"pages__avg": 450.0, "pages__max": 900}
    assert Book.objects.filter(meta__n__gte=8).count() == 2
    assert Book.objects.filter(meta__deep__k="3").get().title == "t3"
    assert Book.objects.filter(meta__contains={"n": 4}).get().title == "t4"
    assert Book.objects.filter(meta__has_key="n").count() == 10
    assert Book.objects.filter(Q(pages=100) | ~Q(title__startswith="t")).count() == 1
    assert Book.objects.filter(title__icontains="T1").exists()
    assert Book.objects.filter(title__iregex="^T[12]$").count() == 2
    Book.objects.filter(pages__gt=700).update(pages=F("pages") + 5)
    assert sorted(Book.objects.filter(pages__gt=700).values_list("pages", flat=True)) == [805, 905]
    newest = Book.objects.filter(authors=OuterRef("pk")).order_by("-pages").values("title")[:1]
    assert Author.objects.annotate(t=Subquery(newest)).get(name="a2").t == "t9"
    assert Author.objects.filter(Exists(Book.objects.filter(authors=OuterRef("pk")))).count() == 10
    ranked = Book.objects.annotate(r=Window(Rank(), order_by=F("pages").desc())).order_by("r")
    assert [book.r for book in ranked[:3]] == [1, 2, 3]
    assert list(Book.objects.order_by("publisher_id").values("publisher").annotate(n=Count("id"))) == [
        {"publisher": "house", "n": 5}, {"publisher": None, "n": 5}]
    assert Author.objects.filter(birthday__year=1990, birthday__month=1).count() == 30
    assert Author.objects.annotate(m=TruncMonth("birthday")).values("m").distinct().count() == 2
    assert Book.objects.filter(at__date=datetime.datetime.now(datetime.timezone.utc).date()).count() == 10
    both = Book.objects.select_related("publisher").prefetch_related("authors").get(title="t1")
    assert both.publisher.name == "house" and len(both.authors.all()) == 2
    union = Author.objects.filter(name="a1").values("name").union(Publisher.objects.values("name"))
    assert sorted(row["name"] for row in union) == ["a1", "house"]
    assert Book.objects.annotate(s=Case(When(pages__lt=200, then=Value("s")), default=Value("l"))).filter(
        s="s").count() == 2
    assert Author.objects.annotate(l=Length("name"), u=Upper(Concat("name", Value("!")))).get(
        name="a1").u == "A1!"
    with transaction.atomic():
        locked = Book.objects.select_for_update(skip_locked=True).filter(pages__lt=300)
        assert len(locked) == 3
        try:
            with transaction.atomic():
                Author.objects.create(name="a1")
            raise AssertionError("a second a1")
        except IntegrityError:
            pass
        Author.objects.create(name="after the savepoint")
    assert Author.objects.filter(name__startswith="after").exists()
    try:
        Author.objects.create(name="negative", score=-1)
        raise AssertionError("a negative score")
    except IntegrityError as error:
        assert "score_ge_0" in str(error)
    assert sum(1 for _ in Author.objects.order_by("pk").iterator(chunk_size=7)) == Author.objects.count()
    assert Publisher.objects.get_or_create(name="house")[1] is False
    assert Author.objects.update_or_create(name="a1", defaults={"score": 7})[0].score == 7
    assert Publisher.objects.all().delete()[0] == 36, "the cascade"
    assert Book.objects.count() == 5
    assert Book.objects.in_bulk([Book.objects.first().pk])
    assert Book.objects.filter(pages__in=Subquery(Book.objects.values("pages"))).count() == 5
    with connection.cursor() as cursor:
        assert "library_book" in connection.introspection.table_names(cursor)
        constraints = connection.introspection.get_constraints(cursor, "library_author")
        assert constraints["score_ge_0"]["check"]
    print("queries are right")
"""


def run(directory, *arguments, code=None):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(directory)}
    command = (
        [sys.executable, "-c", "import django; django.setup()\n" + textwrap.dedent(code)]
        if code else [sys.executable, "-m", "django", *arguments])
    result = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture
def project(tmp_path):
    pytest.importorskip("django")
    with connect(autocommit=True) as connection:
        connection.execute(f"drop schema if exists {SCHEMA} cascade")
        connection.execute(f"create schema {SCHEMA}")
    (tmp_path / "settings.py").write_text(textwrap.dedent(SETTINGS))
    (tmp_path / "library" / "migrations").mkdir(parents=True)
    (tmp_path / "library" / "__init__.py").touch()
    (tmp_path / "library" / "migrations" / "__init__.py").touch()
    yield tmp_path
    with connect(autocommit=True) as connection:
        connection.execute(f"drop schema {SCHEMA} cascade")


def models(project, text):
    (project / "library" / "models.py").write_text(textwrap.dedent(text))


def test_django(project):
    models(project, FIRST)
    run(project, "makemigrations", "library")
    assert "Applying library.0001_initial... OK" in run(project, "migrate")
    run(project, code="""
        from library.models import *
        author = Author.objects.create(name="old", born="1980-02-03")
        Book.objects.create(title="first", pages=3).authors.add(author)
    """)
    models(project, SECOND)
    # The questions of the renaming, answered in the migration itself.
    run(project, "makemigrations", "library", "--empty", "--name", "rename")
    written = project / "library" / "migrations" / "0002_rename.py"
    written.write_text(written.read_text().replace(
        "operations = [",
        'operations = [migrations.RenameField("author", "born", "birthday"),'))
    run(project, "makemigrations", "library", "--name", "more")
    assert "Applying library.0003_more... OK" in run(project, "migrate")
    assert "No changes detected" in run(project, "makemigrations", "--check", "--dry-run")
    run(project, code="""
        from library.models import *
        old = Author.objects.get()
        assert (old.name, str(old.birthday), old.score) == ("old", "1980-02-03", 1), vars(old)
        assert Book.objects.get().authors.get() == old
        Book.objects.all().delete()
        Author.objects.all().delete()
    """)
    assert "queries are right" in run(project, code=QUERIES)
    assert "class LibraryAuthor" in run(project, "inspectdb")
    run(project, "migrate", "library", "0001")
    run(project, "flush", "--no-input")
    run(project, "migrate", "library", "zero")
