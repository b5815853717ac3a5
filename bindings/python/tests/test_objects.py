"""Lives of objects: closing, borrowing, copies, what they say of themselves."""
import copy
import gc
import pickle
import threading

import numpy as np
import pytest

import libdiffusion as ld


def test_closed_objects_refuse(model, schedule):
    sampler = ld.Sampler(model, schedule, 'ddim')
    for thing in sampler, schedule, model, ld.Evaluator(None, None, 'mmd'), ld.Condition(labels=[1]):
        thing.close()
        thing.close()
        assert thing.closed
    with pytest.raises(ValueError, match='this Sampler has been closed'):
        sampler.run(1)
    with pytest.raises(ValueError, match='this Model has been closed'):
        model.dim
    with pytest.raises(ValueError, match='this Schedule has been closed'), schedule:
        pass


def test_what_was_made_of_closed_objects_lives_on(points):
    def network(x, t, condition):
        return x * 0.5
    model, schedule = ld.Model.from_function(network, 'shape=2 predict=epsilon'), ld.Schedule('cosine steps=4')
    sampler, evaluator = ld.Sampler(model, schedule, 'ddim seed=1'), ld.Evaluator(model, schedule, 'elbo')
    expected = sampler.run(3)
    model.close(), schedule.close()
    del model, schedule, network
    gc.collect()
    assert np.array_equal(sampler.run(3), expected)
    assert np.isfinite(evaluator.run(points)['k_bits'])


def test_a_trainer_s_model_ends_with_it(model, schedule, points):
    trainer = ld.Trainer(model, schedule, 'ema=0.9')
    trainer.step(points)
    average = trainer.model
    kept = copy.copy(average)
    trainer.close()
    assert average.closed and not kept.closed and not model.closed
    with pytest.raises(ValueError, match='closed'):
        average.forward(points, 1)
    assert kept.forward(points, 1).shape == (64, 2)


def test_a_borrowed_model_keeps_its_trainer(model, schedule, points):
    average = ld.Trainer(model, schedule, '').model
    gc.collect()
    assert average.forward(points, 1).shape == (64, 2)


def test_models_pickle_as_their_files(model, points):
    model.metadata['note'] = 'of this model'
    for same in pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model):
        assert np.array_equal(same.forward(points, 2), model.forward(points, 2))
        assert same.metadata['note'] == 'of this model' and same.to_bytes() == model.to_bytes()


def test_schedules_and_conditions_pickle(schedule):
    same = pickle.loads(pickle.dumps(ld.Schedule.from_betas([0.1, 0.25])))
    assert same.values('beta').tolist() == [0.1, 0.25]
    condition = copy.copy(pickle.loads(pickle.dumps(ld.Condition(labels=[1, 2], vectors=[[1], [2]]))))
    assert condition.labels.tolist() == [1, 2] and condition.vectors.tolist() == [[1], [2]]


def test_what_cannot_be_pickled_says_so(sampler, schedule):
    with pytest.raises(TypeError, match='a Sampler cannot be pickled'):
        pickle.dumps(sampler)
    with pytest.raises(ld.StateError, match='callback'):
        pickle.dumps(ld.Model.from_function(lambda x, t, c: x, 'shape=2'))


def test_metadata_is_a_mapping_without_a_list(model):
    assert 'note' not in model.metadata and model.metadata.get('note', 'none') == 'none'
    model.metadata['note'] = 'züge'
    assert model.metadata['note'] == 'züge'
    del model.metadata['note']
    with pytest.raises(KeyError, match='note'):
        model.metadata['note']


def test_parameters_are_a_mapping(model):
    names = list(model.parameters)
    assert len(names) == len(model.parameters) and 'nosuch' not in model.parameters
    values = model.parameters[names[0]]
    model.parameters[names[0]] = values * 2
    assert np.array_equal(model.parameters[names[0]], values * 2)
    with pytest.raises(ValueError, match='has shape'):
        model.parameters[names[0]] = values.reshape(-1)[1:]
    with pytest.raises(KeyError):
        model.parameters['nosuch']
    assert model.parameters.get('nosuch') is None


def test_reprs_say_what_they_are(model, schedule, sampler):
    assert repr(schedule) == f'Schedule({schedule.spec!r})' and 'cosine steps=20' in repr(schedule)
    assert 'width=16' in repr(model) and repr(sampler) == f'<Sampler {sampler.spec!r}>'
    assert repr(ld.Condition(labels=[1, 2])) == '<Condition: labels (2,)>'
    with ld.Trainer(model, schedule, 'seed=4') as trainer:
        assert 'seed=4' in repr(trainer) and 'at step 0' in repr(trainer)
    assert repr(trainer) == '<Trainer, closed>'


def test_a_second_thread_is_refused(model, schedule, points):
    inside, leave, said = threading.Event(), threading.Event(), []
    sampler = ld.Sampler(model, schedule, 'ddim')

    def wait(done, total):
        inside.set()
        assert leave.wait(60)

    worker = threading.Thread(target=lambda: sampler.run(2, progress=wait))
    worker.start()
    assert inside.wait(60)
    for call in lambda: sampler.run(2), sampler.close, lambda: sampler.set_noise(None):
        with pytest.raises(ld.StateError, match='in use by another thread'):
            call()
    assert model.forward(points, 1).shape == (64, 2)  # the GIL is free meanwhile, and the model for all
    leave.set()
    worker.join()
    assert sampler.run(2).shape == (2, 2) and not said
