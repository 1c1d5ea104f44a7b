using ProdOps.Recovery.Html;
using ProdOps.Servers.Http;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Consoles.Actions;

/// <summary>
/// The pages on which something is done. GET shows what would be, and a form with a secret of its own; POST does it, tells all who look, and leads back to the report. The gate has made sure that it is a page of this
/// console that sends it.
/// </summary>
internal sealed class ActionConsole
{
    private const string Stale = "This form was sent already, or is older than an hour, or is none of this console's. Nothing was done: look whether it is still to be done.",
        Changed = "Look again: this is not what the page showed before. Nothing was done yet.";

    private readonly ActionSources _acting;
    private readonly ConsoleSources _sources;
    private readonly LiveReport _live;
    private readonly FormTickets _tickets;
    private readonly Dictionary<string, ConsoleAction> _actions;

    public ActionConsole(ConsoleSources sources, ActionSources acting, LiveReport live)
    {
        (_sources, _acting, _live, _tickets) = (sources, acting, live, new FormTickets(sources.Time));
        ConsoleAction[] all = [new AcknowledgeAction(sources, acting), new PauseAction(sources, acting), new ResumeAction(sources, acting), new ForgetAction(sources, acting)];
        _actions = all.ToDictionary(static action => action.Path, StringComparer.Ordinal);
    }

    /// <summary>Where there is something to do.</summary>
    public IReadOnlyCollection<string> Paths => _actions.Keys;

    /// <summary>Answers a request; <see langword="null"/> where it is none for this.</summary>
    public Task<ConsoleAnswer>? AnswerAsync(ConsoleRequest request, CancellationToken cancellationToken) => !_actions.TryGetValue(request.Path, out var action) ? null
        : request.Head.Method == "POST" ? TakeAsync(action, request, cancellationToken) : ShowAsync(action, new FormValues(request.Head.Parameters()), 200, "", cancellationToken);

    private async Task<ConsoleAnswer> ShowAsync(ConsoleAction action, FormValues values, int status, string problem, CancellationToken cancellationToken)
    {
        try
        {
            return Page(action, await action.PrepareAsync(values, cancellationToken).ConfigureAwait(false), values, status, problem);
        }
        catch (ProdOpsException error)
        {
            return Page(error.Kind == ErrorKind.NotFound ? 404 : 400, ActionForm.WriteProblem(action, TextOf(error)));
        }
    }

    private async Task<ConsoleAnswer> TakeAsync(ConsoleAction action, ConsoleRequest request, CancellationToken cancellationToken)
    {
        if (await request.FormAsync(cancellationToken).ConfigureAwait(false) is not { } form) return ConsoleAnswer.Refusal(400, "The form has not come whole.");
        var values = new FormValues(HttpRequestHead.Decode(form));
        return _tickets.Answer(values.Text(ActionForm.Secret), action.Path, form, () => DoAsync(action, values, cancellationToken)) is { } answer
            ? await answer.ConfigureAwait(false)
            : await ShowAsync(action, values, 403, Stale, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ConsoleAnswer> DoAsync(ConsoleAction action, FormValues values, CancellationToken cancellationToken)
    {
        PreparedAction? prepared = null;
        try
        {
            prepared = await action.PrepareAsync(values, cancellationToken).ConfigureAwait(false);
            if (prepared.Seen.Length > 0 && ActionForm.Sum(prepared.Seen) != values.Text(ActionForm.Seen)) return Page(action, prepared, values, 409, Changed);
            string done = await prepared.CarryOutAsync(cancellationToken).ConfigureAwait(false);
            _acting.Activity.Verbose($"The console: {done}");
            _live.Tell(new HtmlWriter().Add($"{Reports.Html.Page.Time(_sources.Time.GetUtcNow(), _sources.Zone)} {done}"));
            return ConsoleAnswer.GoTo("/");
        }
        catch (ProdOpsException error)
        {
            return prepared is null ? Page(error.Kind == ErrorKind.NotFound ? 404 : 400, ActionForm.WriteProblem(action, TextOf(error))) : Page(action, prepared, values, 400, TextOf(error));
        }
    }

    private ConsoleAnswer Page(ConsoleAction action, PreparedAction prepared, FormValues values, int status, string problem) =>
        Page(status, ActionForm.Write(action, prepared, values, _tickets.Issue(action.Path), _acting.By, problem));

    private static ConsoleAnswer Page(int status, HtmlWriter page) => ConsoleAnswer.Of(status, page) with { Referrer = "same-origin" };

    private static string TextOf(ProdOpsException error) => SecretRedactor.Shared.Redact($"{error.Message} {error.Recommendation}".TrimEnd());
}
