using System.Text;
using ProdOps.Backup.Selection;

namespace ProdOps.Backup.Tests.Selection;

public sealed class PatternSetTests
{
    [Theory]
    [InlineData("*.go", "/foo/bar/test.go", true)]
    [InlineData("*.go", "/foo/bar/test.c", false)]
    [InlineData("foo", "/a/foo/b/c", true)]
    [InlineData("foo/bar", "/x/foo/bar/y", true)]
    [InlineData("foo/bar", "/x/foo/y/bar", false)]
    [InlineData("/foo", "/foo/bar", true)]
    [InlineData("/foo", "/bar/foo", false)]
    [InlineData("/foo/*/baz", "/foo/bar/baz", true)]
    [InlineData("/foo/*/baz", "/foo/baz", false)]
    [InlineData("/foo/**/baz", "/foo/baz", true)]
    [InlineData("/foo/**/baz", "/foo/a/b/c/baz/d", true)]
    [InlineData("foo/**", "/x/foo", true)]
    [InlineData("**/*.tmp", "/x.tmp", true)]
    [InlineData("**", "/x", true)]
    [InlineData("/", "/x", true)]
    [InlineData("/", "/", true)]
    [InlineData("*", "/", true)]
    [InlineData("a?c", "/aéc", true)]
    [InlineData("a?c", "/abbc", false)]
    [InlineData("[a-c]x", "/bx", true)]
    [InlineData("[^a-c]x", "/bx", false)]
    [InlineData("[^a-c]x", "/éx", true)]
    [InlineData("[à-ü]", "/é", true)]
    [InlineData("\\*", "/*", true)]
    [InlineData("\\*", "/a", false)]
    [InlineData("[\\]]", "/]", true)]
    [InlineData("[*]x", "/*x", true)]
    [InlineData("a*b*c", "/aXbXbXc", true)]
    [InlineData("a*b*c", "/aXcXb", false)]
    [InlineData("*a", "/aaab", false)]
    [InlineData("a[b]*", "/ab/c", true)]
    [InlineData("foo/", "/foo", true)]
    [InlineData("./foo//bar/../baz", "/foo/baz", true)]
    [InlineData("FOO", "/foo", false)]
    [InlineData("]", "/]", true)]
    [InlineData("/a/**/**", "/a", false)]
    [InlineData("/a/**/**", "/a/b", true)]
    public void A_pattern_matches_as_restics_does(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PatternSet.Parse([pattern]).Matches(path));

    [Theory]
    [InlineData("FOO*", "/foobar", true)]
    [InlineData("É.TXT", "/x/é.txt", true)]
    [InlineData("[A-C]", "/B", true)]
    [InlineData("é", "/É", true)]
    [InlineData("\u212a", "/k", true)]
    [InlineData("\u0130", "/I", true)]
    public void Case_is_ignored_on_demand(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PatternSet.Parse([pattern], ignoreCase: true).Matches(path));

    [Fact]
    public void A_byte_that_is_not_UTF_8_is_one_character_and_equals_only_itself()
    {
        byte[] path = [(byte)'/', (byte)'a', 0xFF, (byte)'b'];
        Assert.True(PatternSet.Parse(["a?b"]).Matches(path));
        Assert.True(PatternSet.Parse(["a\udcffb"]).Matches(path));
        Assert.False(PatternSet.Parse(["a\udcfeb"]).Matches(path));
        Assert.True(PatternSet.Parse(["A?B"], ignoreCase: true).Matches(path));
    }

    [Fact]
    public void A_negated_pattern_takes_back_what_those_before_it_matched()
    {
        var set = PatternSet.Parse(["*.log", "!keep.log", "old"]);
        Assert.True(set.Matches("/a.log"));
        Assert.False(set.Matches("/keep.log"));
        Assert.True(set.Matches("/old/keep.log"));
        Assert.False(PatternSet.Parse(["!keep.log"]).Matches("/x"));
    }

    [Theory]
    [InlineData("[a")]
    [InlineData("[]")]
    [InlineData("[]a]")]
    [InlineData("[a-]")]
    [InlineData("[-a]")]
    [InlineData("[a-b-c]")]
    [InlineData("ok/x[")]
    [InlineData("a\\")]
    [InlineData("*[")]
    public void A_malformed_pattern_is_refused(string pattern)
    {
        var error = Assert.Throws<ProdOpsException>(() => PatternSet.Parse(["fine", pattern]));
        Assert.Equal(("PatternInvalid", ErrorKind.InvalidArgument, pattern), (error.ErrorId, error.Kind, error.Target));
    }

    [Theory]
    [InlineData("/a/b/c", "/a", true)]
    [InlineData("/a/b/c", "/a/b/c/d", true)]
    [InlineData("/a/b/c", "/x", false)]
    [InlineData("/a/*/c", "/a/x", true)]
    [InlineData("/a/**/c", "/a/x/y/z", true)]
    [InlineData("/a/**/c", "/b/x", false)]
    [InlineData("c", "/anything", true)]
    public void The_way_to_what_an_include_names_is_known(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PatternSet.Parse([pattern]).MatchWithChildren(ScratchBytes(path)).ChildMayMatch);

    [Fact]
    public void Whatever_matches_is_on_a_way_that_may_match()
    {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            var set = PatternSet.Parse([PatternMaker.Pattern(random)]);
            string path = PatternMaker.Path(random);
            if (!set.Matches(path)) continue;
            for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
                Assert.True(set.MatchWithChildren(ScratchBytes(path[..slash])).ChildMayMatch);
        }
    }

    [Fact]
    public void No_text_breaks_the_matching()
    {
        var random = new Random(5);
        const string Alphabet = "*?[]^-\\/!ab.é";
        for (int i = 0; i < 50_000; i++)
        {
            string pattern = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            byte[] path = new byte[random.Next(1, 12)];
            random.NextBytes(path);
            try
            {
                PatternSet.Parse([pattern], ignoreCase: i % 2 == 0).MatchWithChildren(path);
            }
            catch (ProdOpsException e)
            {
                Assert.Equal("PatternInvalid", e.ErrorId);
            }
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("")]
    public void Many_stars_take_no_longer_than_the_path_allows(string root)
    {
        // Tried one by one, the ways to divide the path among the stars would outlast the machine.
        string path = "/" + string.Join('/', Enumerable.Repeat("a", 100));
        string pattern = root + string.Concat(Enumerable.Repeat("**/a/", 30));
        Assert.False(PatternSet.Parse([pattern + "b"]).Matches(path));
        Assert.True(PatternSet.Parse([pattern + "a"]).Matches(path));
    }

    [Theory]
    [InlineData("$HOME/x", "/root/x")]
    [InlineData("${HOME}y", "/root" + "y")]
    [InlineData("$$x$", "$x$")]
    [InlineData("$MISSING-", "-")]
    [InlineData("a${}b", "ab")]
    [InlineData("a${HOME", "aHOME")]
    [InlineData("$.x", "$.x")]
    [InlineData("$1x${@}", "x")]
    public void Variables_are_expanded_as_by_Go(string text, string expected) =>
        Assert.Equal(expected, PatternFile.Expand(text, name => name == "HOME" ? "/root" : null));

    [Fact]
    public void A_file_of_patterns_may_hold_comments_and_blank_lines() =>
        Assert.Equal(["*.tmp", "a b", "!keep"], PatternFile.Parse("# head\r\n\n  *.tmp \r\n\t# more\na b\n!keep", _ => null));

    [Fact]
    public void A_file_of_patterns_that_is_not_there_is_named()
    {
        var error = Assert.Throws<ProdOpsException>(() => PatternFile.Read("/does/not/exist"));
        Assert.Equal(("PatternFileUnreadable", ErrorKind.NotFound), (error.ErrorId, error.Kind));
    }

    private static byte[] ScratchBytes(string path) => Encoding.UTF8.GetBytes(path);
}
