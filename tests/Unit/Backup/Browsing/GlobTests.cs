using System.Text;
using ProdOps.Backup.Browsing;

namespace ProdOps.Backup.Tests.Browsing;

public sealed class GlobTests
{
    // From Go's path/filepath/match_test.go, without the cases about separators.
    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("*", "abc", true)]
    [InlineData("*c", "abc", true)]
    [InlineData("a*", "a", true)]
    [InlineData("a*", "abc", true)]
    [InlineData("a*b*c*d*e*", "axbxcxdxe", true)]
    [InlineData("a*b?c*x", "abxbbxdbxebxczzx", true)]
    [InlineData("a*b?c*x", "abxbbxdbxebxczzy", false)]
    [InlineData("ab[c]", "abc", true)]
    [InlineData("ab[b-d]", "abc", true)]
    [InlineData("ab[e-g]", "abc", false)]
    [InlineData("ab[^c]", "abc", false)]
    [InlineData("ab[^e-g]", "abc", true)]
    [InlineData(@"a\*b", "a*b", true)]
    [InlineData(@"a\*b", "ab", false)]
    [InlineData("a?b", "a☺b", true)]
    [InlineData("a[^a]b", "a☺b", true)]
    [InlineData("a???b", "a☺b", false)]
    [InlineData("a?b", "a\U0001F600b", true)]
    [InlineData("a?b", "a\udcffb", true)]
    [InlineData("[a-ζ]*", "α", true)]
    [InlineData("*[a-ζ]", "A", false)]
    [InlineData(@"[\]a]", "]", true)]
    [InlineData(@"[\-x]", "-", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    public void Names_match_as_Go_matches_them(string pattern, string name, bool expected) => Assert.Equal(expected, Glob.Parse(pattern).Matches(name));

    [Theory]
    [InlineData("[]a]")]
    [InlineData("[-]")]
    [InlineData("[x-]")]
    [InlineData("[a-b-c]")]
    [InlineData("[")]
    [InlineData("[^")]
    [InlineData("[a")]
    [InlineData(@"a\")]
    public void Malformed_patterns_are_refused(string pattern) => Assert.Equal("PatternInvalid", Assert.Throws<ProdOpsException>(() => Glob.Parse(pattern)).ErrorId);

    [Fact]
    public void Many_stars_take_no_time() => Assert.False(Glob.Parse(new StringBuilder().Insert(0, "a*", 200).Append('b').ToString()).Matches(new string('a', 5000)));

    [Theory]
    [InlineData("/a/b", "/a", false, true)]
    [InlineData("/a/b", "/a/b/c", true, true)]
    [InlineData("/a/b", "/x/a/b", false, false)]
    [InlineData("b", "/a/b/c", true, true)]
    [InlineData("b/c", "/a/b/c", true, true)]
    [InlineData("b/c", "/a/b/x/c", false, true)]
    [InlineData("b/**/c", "/a/b/x/y/c", true, true)]
    [InlineData("b/**/c", "/a/b/c", true, true)]
    [InlineData("/a/**/c", "/a/b", false, true)]
    [InlineData("/a/**/c", "/b", false, false)]
    [InlineData("/**/c", "/a/b/c/d", true, true)]
    public void Paths_match_and_folders_promise_as_in_restic(string pattern, string path, bool matches, bool mayMatchBelow)
    {
        var parsed = new PathPattern(pattern, ignoreCase: false);
        string[] names = PathSegments.Split(path);
        Assert.Equal((matches, mayMatchBelow), (parsed.Matches(names), parsed.MayMatchBelow(names)));
    }
}
