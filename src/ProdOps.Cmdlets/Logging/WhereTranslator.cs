using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net;
using System.Text.RegularExpressions;
using ProdOps.Logging;
using ProdOps.Logging.Conditions;

namespace ProdOps.Cmdlets.Logging;

/// <summary>
/// Makes a condition of a script block of comparisons, so that it is carried out where the lines are instead of for each object. What does not look at <c>$_</c> is run once, now; what
/// looks at it in a way that cannot be translated is refused with its place and the reason.
/// </summary>
internal sealed partial class WhereTranslator
{
    private const int LongestText = 1000;

    private static readonly Dictionary<string, object?> Known = new(StringComparer.OrdinalIgnoreCase) { ["true"] = true, ["false"] = false, ["null"] = null };

    private readonly SessionState? _session;
    private readonly IScriptExtent _whole;

    private WhereTranslator(IScriptExtent whole, SessionState? session)
    {
        _whole = whole;
        _session = session;
    }

    /// <summary>Must be called on the pipeline thread.</summary>
    /// <exception cref="ProdOpsException">It cannot be translated.</exception>
    public static LogCondition Translate(ScriptBlock script, SessionState session)
    {
        var ast = (ScriptBlockAst)script.Ast;
        return new WhereTranslator(ast.Extent, session).Only(ast);
    }

    /// <summary>Makes a condition of a text whose writer may look and not run anything: values are literals. The braces around it can be left out.</summary>
    /// <exception cref="ProdOpsException">It cannot be translated.</exception>
    public static LogCondition TranslateText(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.StartsWith('{') && trimmed.EndsWith('}')) trimmed = trimmed[1..^1];
        // Reading some statements runs something already (using, configuration): there is no word in an expression that is no operator, no field and in no quotes.
        if (trimmed.Length > LongestText) throw LoggingErrors.WhereRefused(trimmed[..40], 1, LongestText, $"a condition has {LongestText} characters at most here");
        if (Word().Match(Quoted().Replace(trimmed, static quoted => new string(' ', quoted.Length))) is { Success: true } word) throw LoggingErrors.WhereRefused(word.Value, 1, word.Index + 1, "a text stands in quotes, and nothing but comparisons is known here");
        var ast = Parser.ParseInput(trimmed, out _, out var errors);
        if (errors.Length > 0) throw LoggingErrors.WhereRefused(errors[0].Extent.Text, errors[0].Extent.StartLineNumber, errors[0].Extent.StartColumnNumber, errors[0].Message);
        return new WhereTranslator(ast.Extent, session: null).Only(ast);
    }

    private LogCondition Only(ScriptBlockAst ast) =>
        ast.ParamBlock is null && ast.BeginBlock is null && ast.ProcessBlock is null && ast.EndBlock?.Statements is [var statement] ? Statement(statement) : throw Refuse(ast, "one expression is wanted");

    private LogCondition Statement(StatementAst statement) =>
        statement is PipelineAst { PipelineElements: [CommandExpressionAst expression] } ? Condition(expression.Expression) : throw Refuse(statement, "a command for each line would be run where the lines are not; use Where-Object behind Search-Log for that");

    private LogCondition Condition(ExpressionAst expression) => expression switch
    {
        ParenExpressionAst parentheses => Statement((StatementAst)parentheses.Pipeline),
        UnaryExpressionAst { TokenKind: TokenKind.Not or TokenKind.Exclaim } not => new NoneOf(Condition(not.Child)),
        BinaryExpressionAst { Operator: TokenKind.And } and => new AllOf([.. Flatten(and, TokenKind.And).Select(Condition)]),
        BinaryExpressionAst { Operator: TokenKind.Or } or => new AnyOf([.. Flatten(or, TokenKind.Or).Select(Condition)]),
        BinaryExpressionAst binary => Compare(binary),
        InvokeMemberExpressionAst call => Call(call),
        _ when FieldOf(expression) is { } field => new Comparison(field, LogOperator.Truthy, null, CaseSensitive: false),
        _ => throw Refuse(expression, "it is no comparison of a field"),
    };

    private static IEnumerable<ExpressionAst> Flatten(BinaryExpressionAst binary, TokenKind kind)
    {
        foreach (var side in new[] { binary.Left, binary.Right })
        {
            if (side is BinaryExpressionAst inner && inner.Operator == kind)
            {
                foreach (var part in Flatten(inner, kind)) yield return part;
            }
            else
            {
                yield return side;
            }
        }
    }

    private Comparison Compare(BinaryExpressionAst binary)
    {
        var (kind, caseSensitive) = OperatorOf(binary);
        if (FieldOf(binary.Left) is { } field) return new Comparison(field, kind, Value(binary.Right), caseSensitive);
        if (FieldOf(binary.Right) is not { } right) throw Refuse(binary, "neither side is a field of $_");
        // A value on the left is the same comparison seen from the other side.
        LogOperator turned = kind switch
        {
            LogOperator.Less => LogOperator.Greater,
            LogOperator.LessOrEqual => LogOperator.GreaterOrEqual,
            LogOperator.Greater => LogOperator.Less,
            LogOperator.GreaterOrEqual => LogOperator.LessOrEqual,
            LogOperator.Equal or LogOperator.NotEqual => kind,
            _ => binary.Operator is TokenKind.Icontains or TokenKind.Ccontains ? LogOperator.In
                : binary.Operator is TokenKind.Inotcontains or TokenKind.Cnotcontains ? LogOperator.NotIn
                : throw Refuse(binary, "the field stands on the left of this operator"),
        };
        return new Comparison(right, turned, Value(binary.Left), caseSensitive);
    }

    private (LogOperator Operator, bool CaseSensitive) OperatorOf(BinaryExpressionAst binary) => binary.Operator switch
    {
        TokenKind.Ieq => (LogOperator.Equal, false),
        TokenKind.Ceq => (LogOperator.Equal, true),
        TokenKind.Ine => (LogOperator.NotEqual, false),
        TokenKind.Cne => (LogOperator.NotEqual, true),
        TokenKind.Ilt => (LogOperator.Less, false),
        TokenKind.Clt => (LogOperator.Less, true),
        TokenKind.Ile => (LogOperator.LessOrEqual, false),
        TokenKind.Cle => (LogOperator.LessOrEqual, true),
        TokenKind.Igt => (LogOperator.Greater, false),
        TokenKind.Cgt => (LogOperator.Greater, true),
        TokenKind.Ige => (LogOperator.GreaterOrEqual, false),
        TokenKind.Cge => (LogOperator.GreaterOrEqual, true),
        TokenKind.Ilike => (LogOperator.Like, false),
        TokenKind.Clike => (LogOperator.Like, true),
        TokenKind.Inotlike => (LogOperator.NotLike, false),
        TokenKind.Cnotlike => (LogOperator.NotLike, true),
        TokenKind.Imatch => (LogOperator.Match, false),
        TokenKind.Cmatch => (LogOperator.Match, true),
        TokenKind.Inotmatch => (LogOperator.NotMatch, false),
        TokenKind.Cnotmatch => (LogOperator.NotMatch, true),
        TokenKind.Iin or TokenKind.Icontains => (LogOperator.In, false),
        TokenKind.Cin or TokenKind.Ccontains => (LogOperator.In, true),
        TokenKind.Inotin or TokenKind.Inotcontains => (LogOperator.NotIn, false),
        TokenKind.Cnotin or TokenKind.Cnotcontains => (LogOperator.NotIn, true),
        _ => throw Refuse(binary, "this operator is not one of comparison"),
    };

    /// <summary><c>$_.Path.StartsWith('/api')</c> and the like, which many write.</summary>
    private Comparison Call(InvokeMemberExpressionAst call)
    {
        if (!call.Static && FieldOf(call.Expression) is { } field && call.Member is StringConstantExpressionAst method && call.Arguments is [var argument] && Value(argument) is string text)
        {
            string literal = Regex.Escape(text);
            switch (method.Value.ToLowerInvariant())
            {
                case "startswith": return new Comparison(field, LogOperator.Match, $"^{literal}", CaseSensitive: true);
                case "endswith": return new Comparison(field, LogOperator.Match, $"{literal}$", CaseSensitive: true);
                case "contains": return new Comparison(field, LogOperator.Match, literal, CaseSensitive: true);
            }
        }

        throw Refuse(call, "of methods only StartsWith, EndsWith and Contains with one text are known here");
    }

    /// <summary>The field that an expression is: <c>$_.Name</c>, <c>$_.'a name'</c>, <c>$_.Fields['name']</c>; <see langword="null"/> for anything else.</summary>
    private string? FieldOf(ExpressionAst expression)
    {
        switch (expression)
        {
            case InvokeMemberExpressionAst:
                return null;
            case MemberExpressionAst { Static: false, Expression: VariableExpressionAst variable, Member: StringConstantExpressionAst name } when IsItem(variable):
                return name.Value;
            case IndexExpressionAst { Target: MemberExpressionAst { Expression: VariableExpressionAst variable, Member: StringConstantExpressionAst { Value: var member } }, Index: StringConstantExpressionAst index }
                when IsItem(variable) && member.Equals("Fields", StringComparison.OrdinalIgnoreCase):
                return index.Value;
            case ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst inner] } }:
                return FieldOf(inner.Expression);
            default:
                return null;
        }
    }

    /// <summary>What an expression without <c>$_</c> is worth.</summary>
    private object? Value(ExpressionAst expression)
    {
        if (expression.Find(static ast => ast is VariableExpressionAst variable && IsItem(variable), searchNestedScriptBlocks: true) is { } item)
            throw Refuse(item, "only one side of a comparison can look at $_");
        if (expression is ConstantExpressionAst constant) return Plain(constant.Value);
        if (_session is null) return Literal(expression);
        // Run in the scope of whoever wrote it: its variables are theirs.
        var results = _session.InvokeCommand.InvokeScript(_session, ScriptBlock.Create(expression.Extent.Text));
        return results.Count switch { 0 => null, 1 => Plain(results[0]), _ => results.Select(Plain).ToArray() };
    }

    /// <summary>What is worth something without anything being run.</summary>
    private object? Literal(ExpressionAst expression) => expression switch
    {
        ConstantExpressionAst constant => Plain(constant.Value),
        VariableExpressionAst { VariablePath.UserPath: var name } when Known.TryGetValue(name, out object? value) => value,
        UnaryExpressionAst { TokenKind: TokenKind.Minus, Child: ConstantExpressionAst { Value: int or long or double } number } => Plain(number.Value) switch { long whole => -whole, var other => -(double)other! },
        ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst inner] } } => Literal(inner.Expression),
        ArrayLiteralAst { Elements: var elements } => elements.Select(Literal).ToArray(),
        ArrayExpressionAst { SubExpression.Statements: [PipelineAst { PipelineElements: [CommandExpressionAst inner] }] } => Literal(inner.Expression) is var value && value is object?[]? value : new[] { value },
        _ => throw Refuse(expression, "nothing is run here, so that a value can be a text, a number, $true, $false, $null, or several of them"),
    };

    private static object? Plain(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        string or bool or long or double or TimeSpan or DateTimeOffset or IPAddress or LogLevel => value is PSObject known ? known.BaseObject : value,
        DateTime moment => new DateTimeOffset(moment),
        byte or sbyte or short or ushort or int or uint => Convert.ToInt64(value is PSObject number ? number.BaseObject : value, System.Globalization.CultureInfo.InvariantCulture),
        decimal or float => Convert.ToDouble(value is PSObject number ? number.BaseObject : value, System.Globalization.CultureInfo.InvariantCulture),
        IEnumerable many => many.Cast<object?>().Select(Plain).ToArray(),
        var other => other.ToString(),
    };

    [GeneratedRegex("'(?:[^']|'')*'|\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<![\\w.$-])[\\p{L}_]\\w*")]
    private static partial Regex Word();

    private static bool IsItem(VariableExpressionAst variable) => variable.VariablePath.UserPath is "_" or "PSItem" || variable.VariablePath.UserPath.Equals("psitem", StringComparison.OrdinalIgnoreCase);

    private ProdOpsException Refuse(Ast part, string why) => LoggingErrors.WhereRefused(
        part.Extent.Text, part.Extent.StartLineNumber - _whole.StartLineNumber + 1, part.Extent.StartColumnNumber - (_session is not null && part.Extent.StartLineNumber == _whole.StartLineNumber ? _whole.StartColumnNumber : 0), why);
}
