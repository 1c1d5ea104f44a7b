using ProdOps.Logging.Patterns;

namespace ProdOps.Logging.Tests.Patterns;

public sealed class PatternTreeTests
{
    private readonly PatternTree _tree = new();

    [Fact]
    public void Messages_that_differ_in_some_words_are_one_pattern()
    {
        foreach (string name in new[] { "anna", "bob", "carl" }) _tree.Add($"Accepted publickey for {name} from <*> port <*> ssh2");
        _tree.Add("Connection closed by <*> port <*> [preauth]");
        Assert.Equal(["Accepted publickey for <*> from <*> port <*> ssh2", "Connection closed by <*> port <*> [preauth]"], _tree.Groups.Select(group => group.Pattern));
    }

    [Fact]
    public void Names_keep_their_sign_and_values_the_signs_around_them()
    {
        _tree.Add("pam session user=anna (uid=<*>) [first]: done");
        _tree.Add("pam session user=bob (uid=<*>) [second]: done");
        Assert.Equal("pam session user=<*> (uid=<*>) [<*>]: done", Assert.Single(_tree.Groups).Pattern);
    }

    [Fact]
    public void Messages_that_begin_differently_or_share_too_little_stay_apart()
    {
        _tree.Add("order placed");
        _tree.Add("order refused");
        _tree.Add("the quick brown fox jumps over");
        _tree.Add("the quick one was never seen");
        Assert.Equal(4, _tree.Groups.Count);
    }

    [Fact]
    public void A_first_word_that_has_too_many_values_varies()
    {
        for (int i = 0; i < 200; i++) _tree.Add($"user{(char)('a' + (i % 26))}{(char)('a' + (i / 26))} has logged in from the office");
        Assert.InRange(_tree.Groups.Count, 2, 33);
        Assert.Contains(_tree.Groups, group => group.Pattern == "<*> has logged in from the office");
    }

    [Fact]
    public void The_same_messages_in_the_same_order_are_the_same_patterns()
    {
        var other = new PatternTree();
        foreach (string message in Messages(1000, 3))
        {
            _tree.Add(message);
            other.Add(message);
        }

        Assert.Equal(_tree.Groups.Select(group => group.Pattern), other.Groups.Select(group => group.Pattern));
    }

    [Fact]
    public void Ever_new_messages_take_no_more_than_so_many_groups()
    {
        foreach (string message in Messages(15_000, 12)) _tree.Add(message);
        Assert.InRange(_tree.Groups.Count, 100, PatternTree.MostGroups + 1);
    }

    /// <summary>Words from a seed, none alike.</summary>
    private static IEnumerable<string> Messages(int count, int words)
    {
        var random = new Random(99);
        for (int i = 0; i < count; i++)
            yield return string.Join(' ', Enumerable.Range(0, random.Next(1, words + 1)).Select(_ => string.Concat(Enumerable.Range(0, 5).Select(_ => (char)('a' + random.Next(26))))));
    }
}
