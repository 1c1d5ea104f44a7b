using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Matching;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("connection refused", "connection refused")]
    [InlineData("level:error connection  refused", "connection refused")]
    [InlineData("\"fatal error: oom\"", "fatal error: oom")]
    [InlineData("http://shop.example/ 12:30:01", "http://shop.example/ 12:30:01")]
    [InlineData("status:>=500", null)]
    public void Words_together_are_a_text(string text, string? pattern) => Assert.Equal(pattern, SearchText.Parse(text).Patterns.SingleOrDefault());

    [Fact]
    public void Levels_sources_and_servers_are_conditions_of_their_own()
    {
        var query = SearchText.Parse("LEVEL:Warning source:nginx* source:shop server:web1 x");
        Assert.Equal(LogLevel.Warning, query.Level);
        Assert.Equal(["nginx*", "shop"], query.Sources);
        Assert.Equal(["web1"], query.Servers);
    }

    [Theory]
    [InlineData("status:>=500", "status", "GreaterOrEqual", 500L)]
    [InlineData("status:200", "status", "Equal", 200L)]
    [InlineData("took:<0.5", "took", "Less", 0.5)]
    [InlineData("path:/api/*", "path", "Like", "/api/*")]
    [InlineData("path:!=/x", "path", "NotEqual", "/x")]
    [InlineData("user.name:\"J. Doe\"", "user.name", "Equal", "J. Doe")]
    public void Other_fields_are_compared(string text, string field, string comparison, object value)
    {
        var condition = Assert.IsType<Comparison>(SearchText.Parse(text).Where);
        Assert.Equal((field, comparison, value), (condition.Field, condition.Operator.ToString(), condition.Value));
    }

    [Theory]
    [InlineData("status:")]
    [InlineData("level:loud")]
    [InlineData("level:3")]
    public void What_is_not_understood_is_refused(string text) => Assert.Equal("LogSearchTextInvalid", Assert.Throws<ProdOpsException>(() => SearchText.Parse(text)).ErrorId);

    [Fact]
    public void Whatever_comes_is_read_or_refused() => ParserFuzz.Run("search text", text => SearchText.Parse(text), ["level:error source:nginx* status:>=500 \"a: b\" x", "a:\"", ":", "\"\""]);
}
